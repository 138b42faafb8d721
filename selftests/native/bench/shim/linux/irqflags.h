/* SPDX-License-Identifier: GPL-2.0 */
/* Nothing interrupts a thread here; the kernel's cli and popf are not paid for. */
#ifndef SHIM_LINUX_IRQFLAGS_H
#define SHIM_LINUX_IRQFLAGS_H

#include <linux/types.h>

#define irqs_disabled()			false
#define local_irq_save(flags)		do { (flags) = 0; barrier(); } while (0)
#define local_irq_restore(flags)	do { (void)(flags); barrier(); } while (0)
#define local_irq_disable()		barrier()
#define local_irq_enable()		barrier()

#endif /* SHIM_LINUX_IRQFLAGS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* x86's numbers; libc's <errno.h> includes this file too. */
#ifndef SHIM_LINUX_ERRNO_H
#define SHIM_LINUX_ERRNO_H

#define EPERM		1
#define ENOENT		2
#define EINTR		4
#define EIO		5
#define E2BIG		7
#define EBADF		9
#define EAGAIN		11
#define ENOMEM		12
#define EACCES		13
#define EFAULT		14
#define EBUSY		16
#define EEXIST		17
#define ENODEV		19
#define EINVAL		22
#define ENFILE		23
#define ENOSPC		28
#define EROFS		30
#define EDOM		33
#define ERANGE		34
#define EDEADLK		35
#define ENAMETOOLONG	36
#define ENOSYS		38
#define ENODATA		61
#define ETIME		62
#define EOVERFLOW	75
#define EILSEQ		84
#define EMSGSIZE	90
#define EOPNOTSUPP	95
#define ENOBUFS		105
#define ETIMEDOUT	110
#define EALREADY	114
#define ESTALE		116
#define EUCLEAN		117
#define ECANCELED	125
#define EOWNERDEAD	130

#endif /* SHIM_LINUX_ERRNO_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel printf and what it needs: the symbols of this program, static
 * functions included, from its own ELF file.
 */
#include <elf.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>
#include <linux/bug.h>
#include <linux/printk.h>
#include <linux/stacktrace.h>

#include "shim.h"

/* Here the names mean libc's. */
#undef snprintf
#undef vsnprintf

struct symbol {
	unsigned long addr, size;
	const char *name;
};

extern const char __ehdr_start[];
static struct symbol *symbols;		/* by address; fixed once read */
static unsigned int nsymbols;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int by_addr(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* Lives as long as the program. */
static char *read_self(void)
{
	FILE *f = fopen("/proc/self/exe", "r");
	char *image = NULL;
	long n;

	if (!f)
		return NULL;
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	image = malloc(n);
	if (image && fread(image, n, 1, f) != 1) {
		free(image);
		image = NULL;
	}
	fclose(f);
	return image;
}

static void add_table(const char *image, const Elf64_Shdr *table, const Elf64_Shdr *names)
{
	const Elf64_Ehdr *e = (const void *)image;
	const Elf64_Sym *sym = (const void *)(image + table->sh_offset);
	unsigned long n = table->sh_size / sizeof(*sym), i;
	unsigned long base = e->e_type == ET_DYN ? (unsigned long)__ehdr_start : 0;

	symbols = calloc(n, sizeof(*symbols));
	for (i = 0; symbols && i < n; i++)
		if (ELF64_ST_TYPE(sym[i].st_info) == STT_FUNC && sym[i].st_value)
			symbols[nsymbols++] = (struct symbol){ base + sym[i].st_value,
				sym[i].st_size, image + names->sh_offset + sym[i].st_name };
	qsort(symbols, nsymbols, sizeof(*symbols), by_addr);
}

static void read_symbols(void)
{
	const char *image = read_self();
	const Elf64_Ehdr *e = (const void *)image;
	const Elf64_Shdr *s;
	int i;

	if (!image)
		return;
	s = (const void *)(image + e->e_shoff);
	for (i = 0; i < e->e_shnum; i++)
		if (s[i].sh_type == SHT_SYMTAB)
			add_table(image, &s[i], &s[s[i].sh_link]);
}

const char *shim_symbol(unsigned long addr, unsigned long *offset)
{
	unsigned int lo = 0, hi, mid;

	pthread_once(&once, read_symbols);
	hi = nsymbols;
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (symbols[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || addr - symbols[lo - 1].addr >= symbols[lo - 1].size)
		return NULL;
	*offset = addr - symbols[lo - 1].addr;
	return symbols[lo - 1].name;
}

/* Frames of the shim, and of a sanitizer that steps in, are not counted by skip. */
unsigned int stack_trace_save(unsigned long *store, unsigned int size, unsigned int skip)
{
	void *frame[128];
	unsigned int n, i = 0;

	shim_look(true);
	n = backtrace(frame, 128);
	while (i < n && frame[i] != __builtin_return_address(0))
		i++;
	skip += i;
	for (i = 0; i + skip < n && i < size; i++)
		store[i] = (unsigned long)frame[i + skip];
	return i;
}

void shim_backtrace(void)
{
	unsigned long frame[32], offset;
	unsigned int n = stack_trace_save(frame, 32, 1), i;
	const char *name;

	for (i = 0; i < n; i++) {
		name = shim_symbol(frame[i], &offset);
		if (name)
			fprintf(stderr, "#  %s+0x%lx\n", name, offset);
	}
}

/* One conversion: the text from % on, and where what follows begins. */
struct spec {
	char text[32];
	unsigned int longs;		/* l or ll; z, t and j count as 1 */
	char conv;
	int stars;
	int star[2];
};

static const char *parse(const char *p, struct spec *s, va_list *ap)
{
	char *o = s->text;

	*s = (struct spec){ .conv = 0 };
	*o++ = *p++;
	for (; *p && o < s->text + sizeof(s->text) - 2; p++) {
		*o++ = *p;
		if (*p == '*')
			s->star[s->stars++] = va_arg(*ap, int);
		else if (strchr("lztj", *p))
			s->longs++;
		else if (!strchr("-+ #0123456789.h", *p))
			break;
	}
	s->conv = *p ? *p++ : 0;
	*o = '\0';
	return p;
}

#define EMIT(buf, size, s, v)							\
	((s)->stars == 2 ? snprintf(buf, size, (s)->text, (s)->star[0], (s)->star[1], v) : \
	 (s)->stars == 1 ? snprintf(buf, size, (s)->text, (s)->star[0], v) :	\
			   snprintf(buf, size, (s)->text, v))

/* %ps, %pS, %pB: a function, with its offset and size but for s. */
static int put_symbol(char *buf, size_t size, unsigned long addr, char how)
{
	unsigned long offset, at = addr - (how == 'B');
	const char *name = shim_symbol(at, &offset);

	if (!name)
		return snprintf(buf, size, "0x%lx", addr);
	if (how == 's')
		return snprintf(buf, size, "%s", name);
	return snprintf(buf, size, "%s+0x%lx", name, offset + (how == 'B'));
}

static int put_hex(char *buf, size_t size, const unsigned char *p, int n, const char *sep)
{
	int len = 0, i;

	for (i = 0; i < n; i++)
		len += snprintf(buf + len, (size_t)len < size ? size - len : 0, "%s%02x",
				i ? sep : "", p[i]);
	return len;
}

/* %*pE: what is not printable as the kernel escapes it. */
static int put_escaped(char *buf, size_t size, const char *p, int n)
{
	static const char special[] = "\nn\rr\tt\vv\ff\033e\aa";
	int len = 0, i;

	for (i = 0; i < n; i++) {
		char *at = buf ? buf + len : NULL;
		size_t room = (size_t)len < size ? size - len : 0;
		const char *known = p[i] ? strchr(special, p[i]) : NULL;

		if (p[i] >= ' ' && p[i] <= '~')
			len += snprintf(at, room, "%c", p[i]);
		else if (known)
			len += snprintf(at, room, "\\%c", known[1]);
		else
			len += snprintf(at, room, p[i] ? "\\%03o" : "\\0", (unsigned char)p[i]);
	}
	return len;
}

/* What follows %p decides; takes its letters. */
static int put_pointer(char *buf, size_t size, const char **p, const struct spec *s,
		       const void *v)
{
	char how = **p;

	if (how && strchr("sSB", how)) {
		(*p)++;
		return put_symbol(buf, size, (unsigned long)v, how);
	}
	if (how == 'h') {
		const char *sep = (*p)[1] == 'N' ? "" : (*p)[1] == 'C' ? ":" : " ";

		*p += *sep == ' ' ? 1 : 2;
		return put_hex(buf, size, v, s->stars ? s->star[0] : 1, sep);
	}
	if (how == 'E') {
		(*p)++;
		return put_escaped(buf, size, v, s->stars ? s->star[0] : 1);
	}
	if (how == 'x' || how == 'K')
		(*p)++;
	return snprintf(buf, size, "%016lx", (unsigned long)v);
}

static int put(char *buf, size_t size, const char **p, struct spec *s, va_list *ap)
{
	switch (s->conv) {
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		if (s->longs)
			return EMIT(buf, size, s, va_arg(*ap, long));
		return EMIT(buf, size, s, va_arg(*ap, int));
	case 'c':
		return EMIT(buf, size, s, va_arg(*ap, int));
	case 's':
		return EMIT(buf, size, s, va_arg(*ap, const char *));
	case 'p':
		return put_pointer(buf, size, p, s, va_arg(*ap, const void *));
	case '%':
		return snprintf(buf, size, "%%");
	default:
		shim_die("bad format", __FILE__, __LINE__, "%s", s->text);
	}
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
int shim_vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct spec s;
	va_list ap;
	int len = 0;

	va_copy(ap, args);
	while (*fmt) {
		char *at = (size_t)len < size ? buf + len : NULL;
		size_t room = at ? size - len : 0;

		if (*fmt != '%') {
			if (room > 1)
				*at = *fmt;
			len++;
			fmt++;
			continue;
		}
		fmt = parse(fmt, &s, &ap);
		len += put(at, room, &fmt, &s, &ap);
	}
	va_end(ap);
	if (size)
		buf[(size_t)len < size ? (size_t)len : size - 1] = '\0';
	return len;
}

int shim_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = shim_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return len;
}

int shim_scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = shim_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return (size_t)len < size ? len : size ? (int)size - 1 : 0;
}

int shim_printk(const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = shim_vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fputs(line, stdout);
	return len;
}

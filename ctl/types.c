// SPDX-License-Identifier: GPL-2.0
#include "types.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "words.h"

#define TYPES "u8 u16 u32 u64 str:N bytes:N ipv4 ipv6 mac"

/* Bytes of the types that have a size of their own, 0 for those that are told. */
static const uint8_t own_size[TRIPMAP_TYPE_MAX + 1] = {
	[TRIPMAP_TYPE_U8] = 1,
	[TRIPMAP_TYPE_U16] = 2,
	[TRIPMAP_TYPE_U32] = 4,
	[TRIPMAP_TYPE_U64] = 8,
	[TRIPMAP_TYPE_IPV4] = 4,
	[TRIPMAP_TYPE_IPV6] = 16,
	[TRIPMAP_TYPE_MAC] = 6,
};

static int digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

bool number_parse(const char *text, size_t len, uint64_t *number)
{
	bool hex = len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	uint64_t base = hex ? 16 : 10, n = 0;
	size_t i = hex ? 2 : 0;

	if (!len)
		return false;
	for (; i < len; i++) {
		uint64_t d = (uint64_t)digit(text[i]);

		if (d >= base || __builtin_mul_overflow(n, base, &n) ||
		    __builtin_add_overflow(n, d, &n))
			return false;
	}
	*number = n;
	return true;
}

/* The type whose name is the first len bytes of text, or -1. */
static int type_find(const char *text, size_t len)
{
	for (unsigned int i = 0; i <= TRIPMAP_TYPE_MAX; i++) {
		const char *name = tripmap_type_name(i);

		if (strlen(name) == len && !memcmp(name, text, len))
			return (int)i;
	}
	return -1;
}

bool field_parse(const char *text, size_t size_max, struct field *f, char *why)
{
	const char *colon = strchr(text, ':');
	int type = type_find(text, colon ? (size_t)(colon - text) : strlen(text));
	uint64_t size;

	if (type < 0) {
		snprintf(why, WHY_SIZE, "no such type \"%s\" (there are " TYPES ")", text);
		return false;
	}
	f->type = (uint8_t)type;
	f->size = own_size[type];
	if (f->size && colon) {
		snprintf(why, WHY_SIZE, "type %.*s has a size of its own", (int)(colon - text),
			 text);
		return false;
	}
	if (f->size)
		return true;
	if (!colon || !number_parse(colon + 1, strlen(colon + 1), &size)) {
		snprintf(why, WHY_SIZE, "type \"%s\" wants a size in bytes, as in %s:16", text,
			 tripmap_type_name((unsigned int)type));
		return false;
	}
	if (size > size_max) {
		snprintf(why, WHY_SIZE, "type \"%s\": at most %zu bytes", text, size_max);
		return false;
	}
	f->size = (uint16_t)size;
	return true;
}

bool field_possible(const struct field *f, size_t min, size_t max)
{
	size_t own = f->type <= TRIPMAP_TYPE_MAX ? own_size[f->type] : 0;

	return f->size >= min && f->size <= max && (!own || own == f->size);
}

void field_name(const struct field *f, char *buf, size_t size)
{
	const char *name = tripmap_type_name(f->type);

	if (!name)
		snprintf(buf, size, "type%u:%u", f->type, f->size);
	else if (own_size[f->type])
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%s:%u", name, f->size);
}

/* Integers are in host byte order, on the wire as in the table. */
static void integer_put(const struct field *f, uint64_t number, void *data)
{
	uint16_t u16 = (uint16_t)number;
	uint32_t u32 = (uint32_t)number;

	switch (f->size) {
	case 1:
		*(uint8_t *)data = (uint8_t)number;
		break;
	case 2:
		memcpy(data, &u16, sizeof(u16));
		break;
	case 4:
		memcpy(data, &u32, sizeof(u32));
		break;
	default:
		memcpy(data, &number, sizeof(number));
	}
}

static bool is_integer(const struct field *f)
{
	return f->type >= TRIPMAP_TYPE_U8 && f->type <= TRIPMAP_TYPE_U64;
}

bool field_to_number(const struct field *f, const void *data, uint64_t *number)
{
	uint16_t u16;
	uint32_t u32;

	switch (f->type) {
	case TRIPMAP_TYPE_U8:
		*number = *(const uint8_t *)data;
		return true;
	case TRIPMAP_TYPE_U16:
		memcpy(&u16, data, sizeof(u16));
		*number = u16;
		return true;
	case TRIPMAP_TYPE_U32:
		memcpy(&u32, data, sizeof(u32));
		*number = u32;
		return true;
	case TRIPMAP_TYPE_U64:
		memcpy(number, data, sizeof(*number));
		return true;
	}
	return false;
}

static bool fits(const struct field *f, uint64_t number)
{
	return f->size >= 8 || number >> (8 * f->size) == 0;
}

static bool integer_from_text(const struct field *f, const char *text, size_t len, void *data,
			      char *why)
{
	uint64_t number;

	if (!number_parse(text, len, &number)) {
		snprintf(why, WHY_SIZE, "\"%s\" is no number (decimal or 0x hexadecimal)", text);
		return false;
	}
	if (!fits(f, number)) {
		snprintf(why, WHY_SIZE, "%s does not fit into a %s", text,
			 tripmap_type_name(f->type));
		return false;
	}
	integer_put(f, number, data);
	return true;
}

static bool str_from_text(const struct field *f, const char *text, size_t len, void *data,
			  char *why)
{
	if (len > f->size) {
		snprintf(why, WHY_SIZE, "\"%.40s%s\" is %zu bytes long, str:%u takes %u at most",
			 text, len > 40 ? "..." : "", len, f->size, f->size);
		return false;
	}
	memset(data, 0, f->size);
	memcpy(data, text, len);
	return true;
}

/* Pairs of hex digits; sep, unless 0, between them. */
static bool hex_from_text(const char *text, size_t len, char sep, uint8_t *data, size_t size)
{
	size_t step = sep ? 3 : 2;

	if (len != size * step - (sep ? 1 : 0))
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = digit(text[i * step]), low = digit(text[i * step + 1]);

		if (high > 15 || low > 15 || (sep && i && text[i * step - 1] != sep))
			return false;
		data[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool bytes_from_text(const struct field *f, const char *text, size_t len, void *data,
			    char *why)
{
	bool prefix = len >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	if (hex_from_text(text + (prefix ? 2 : 0), len - (prefix ? 2 : 0), 0, data, f->size))
		return true;
	snprintf(why, WHY_SIZE, "\"%.40s%s\" is not %u bytes in hexadecimal (%u digits)", text,
		 len > 40 ? "..." : "", f->size, 2U * f->size);
	return false;
}

/*
 * A byte in decimal, without zeros before it, in text that ends with something
 * else. Returns what is behind it, or NULL.
 */
static const char *octet_from_text(const char *text, uint8_t *octet)
{
	unsigned int v = (unsigned int)(*text - '0'), more;

	if (v > 9)
		return NULL;
	more = (unsigned int)(*++text - '0');
	if (!v && more <= 9)
		return NULL;
	for (int i = 0; i < 2 && more <= 9; i++) {
		v = 10 * v + more;
		more = (unsigned int)(*++text - '0');
	}
	*octet = (uint8_t)v;
	return v <= 255 ? text : NULL;
}

static bool ipv4_from_text(const char *text, size_t len, uint8_t *data)
{
	const char *end = text + len;

	for (int i = 0; i < 4; i++) {
		if (i && *text++ != '.')
			return false;
		text = octet_from_text(text, data + i);
		if (!text)
			return false;
	}
	return text == end;
}

static bool address_from_text(const struct field *f, const char *text, size_t len, void *data,
			      char *why)
{
	bool ok;

	if (f->type == TRIPMAP_TYPE_IPV4)
		ok = ipv4_from_text(text, len, data);
	else if (f->type == TRIPMAP_TYPE_MAC)
		ok = hex_from_text(text, len, ':', data, f->size);
	else
		ok = strlen(text) == len && inet_pton(AF_INET6, text, data) == 1;
	if (!ok)
		snprintf(why, WHY_SIZE, "\"%.60s\" is no %s address", text,
			 tripmap_type_name(f->type));
	return ok;
}

bool field_from_text(const struct field *f, const char *text, size_t len, void *data, char *why)
{
	if (is_integer(f))
		return integer_from_text(f, text, len, data, why);
	switch (f->type) {
	case TRIPMAP_TYPE_STR:
		return str_from_text(f, text, len, data, why);
	case TRIPMAP_TYPE_IPV4:
	case TRIPMAP_TYPE_IPV6:
	case TRIPMAP_TYPE_MAC:
		return address_from_text(f, text, len, data, why);
	}
	return bytes_from_text(f, text, len, data, why);
}

static size_t number_to_text(uint64_t number, char *buf)
{
	char digits[20], *at = digits + sizeof(digits);
	size_t len;

	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	len = (size_t)(digits + sizeof(digits) - at);
	memcpy(buf, at, len);
	buf[len] = '\0';
	return len;
}

bool field_from_number(const struct field *f, uint64_t number, void *data)
{
	uint8_t *bytes = data;
	char text[24];
	char why[WHY_SIZE];

	if (is_integer(f)) {
		integer_put(f, number, data);
		return fits(f, number);
	}
	if (f->type == TRIPMAP_TYPE_STR)
		return str_from_text(f, text, number_to_text(number, text), data, why);
	/* The lowest byte last, as addresses count. */
	for (size_t i = 0; i < f->size; i++)
		bytes[f->size - 1 - i] = i < 8 ? (uint8_t)(number >> (8 * i)) : 0;
	return fits(f, number);
}

static size_t hex_to_text(const uint8_t *data, size_t len, char sep, char *buf)
{
	static const char digits[] = "0123456789abcdef";
	char *out = buf;

	for (size_t i = 0; i < len; i++) {
		if (i && sep)
			*out++ = sep;
		*out++ = digits[data[i] >> 4];
		*out++ = digits[data[i] & 15];
	}
	*out = '\0';
	return (size_t)(out - buf);
}

static size_t str_to_text(const char *data, size_t len, char *buf)
{
	while (len && !data[len - 1])
		len--;
	memcpy(buf, data, len);
	buf[len] = '\0';
	return len;
}

static size_t ipv4_to_text(const uint8_t *data, char *buf)
{
	char *out = buf;

	for (int i = 0; i < 4; i++) {
		if (i)
			*out++ = '.';
		if (data[i] >= 100)
			*out++ = (char)('0' + data[i] / 100);
		if (data[i] >= 10)
			*out++ = (char)('0' + data[i] / 10 % 10);
		*out++ = (char)('0' + data[i] % 10);
	}
	*out = '\0';
	return (size_t)(out - buf);
}

size_t field_to_text(const struct field *f, const void *data, size_t len, char *buf)
{
	uint64_t number;

	if (f->type == TRIPMAP_TYPE_STR)
		return str_to_text(data, len, buf);
	if (f->type > TRIPMAP_TYPE_MAX || !own_size[f->type] || len != own_size[f->type])
		return hex_to_text(data, len, 0, buf);
	if (field_to_number(f, data, &number))
		return number_to_text(number, buf);
	if (f->type == TRIPMAP_TYPE_MAC)
		return hex_to_text(data, len, ':', buf);
	if (f->type == TRIPMAP_TYPE_IPV4)
		return ipv4_to_text(data, buf);
	inet_ntop(AF_INET6, data, buf, INET6_ADDRSTRLEN);
	return strlen(buf);
}

size_t field_to_word(const struct field *f, const void *data, char *buf)
{
	const char *text = data;
	size_t len = f->size;

	if (f->type != TRIPMAP_TYPE_STR)
		return field_to_text(f, data, len, buf);
	while (len && !text[len - 1])
		len--;
	return word_quote(text, len, buf);
}

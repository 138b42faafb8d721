// SPDX-License-Identifier: GPL-2.0
/* Types: names, every text there and back, what does not fit. */
#include <string.h>

#include "tap.h"
#include "types.h"

static char why[WHY_SIZE];

static struct field field(const char *name)
{
	struct field f = { 0 };

	CHECK(field_parse(name, TRIPMAP_VALUE_MAX, &f, why));
	return f;
}

/* text is read, and printed as printed. */
static void back(const char *type, const char *text, const char *printed)
{
	char out[FIELD_TEXT_MAX];
	struct field f = field(type);
	uint8_t data[64];

	CHECK(f.size <= sizeof(data));
	memset(data, 0xaa, sizeof(data));
	CHECK(field_from_text(&f, text, strlen(text), data, why));
	CHECK(f.size == sizeof(data) || data[f.size] == 0xaa);
	CHECK(field_to_text(&f, data, f.size, out) == strlen(printed));
	CHECK_TEXT(out, printed);
}

/* text is refused; the explanation holds part. */
static void refused(const char *type, const char *text, const char *part)
{
	struct field f = field(type);
	uint8_t data[64];

	CHECK(!field_from_text(&f, text, strlen(text), data, why));
	CHECK_HAS(why, part);
}

static void names(void)
{
	static const char * const types[] = {
		"u8", "u16", "u32", "u64", "str:1", "str:4096", "bytes:0", "bytes:16", "ipv4",
		"ipv6", "mac",
	};
	char name[32];

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct field f = field(types[i]);

		field_name(&f, name, sizeof(name));
		CHECK_TEXT(name, types[i]);
	}
}

static void wrong_names(void)
{
	static const char * const types[][2] = {
		{ "", "no such type" }, { "u", "no such type" }, { "u88", "no such type" },
		{ "str", "wants a size" }, { "str:", "wants a size" }, { "str:-1", "wants a size" },
		{ "str:1x", "wants a size" }, { "bytes:4097", "at most 4096" },
		{ "str:99999999999999999999999", "wants a size" }, { "mac:6", "size of its own" },
	};
	struct field f;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		CHECK(!field_parse(types[i][0], TRIPMAP_VALUE_MAX, &f, why));
		CHECK_HAS(why, types[i][1]);
	}
}

/* What a kernel may say that a field is, whoever wrote it. */
static void possible(void)
{
	static const struct field good[] = {
		{ TRIPMAP_TYPE_U64, 8 }, { TRIPMAP_TYPE_STR, 256 }, { TRIPMAP_TYPE_BYTES, 1 },
		{ TRIPMAP_TYPE_MAX + 1, 3 },
	}, bad[] = {
		{ TRIPMAP_TYPE_U64, 2 }, { TRIPMAP_TYPE_STR, 257 }, { TRIPMAP_TYPE_BYTES, 0 },
		{ TRIPMAP_TYPE_MAX + 1, 60000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(field_possible(&good[i], 1, TRIPMAP_KEY_MAX));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!field_possible(&bad[i], 1, TRIPMAP_KEY_MAX));
}

static void numbers(void)
{
	uint64_t n;

	CHECK(number_parse("0", 1, &n) && n == 0);
	CHECK(number_parse("18446744073709551615", 20, &n) && n == UINT64_MAX);
	CHECK(!number_parse("18446744073709551616", 20, &n));
	CHECK(number_parse("0xFfFfFfFfFfFfFfFf", 18, &n) && n == UINT64_MAX);
	CHECK(!number_parse("0x10000000000000000", 19, &n));
	CHECK(number_parse("010", 3, &n) && n == 10);
	CHECK(!number_parse("", 0, &n));
	CHECK(!number_parse("0x", 2, &n));
	CHECK(!number_parse("1 ", 2, &n));
	CHECK(!number_parse("a", 1, &n));
}

static void there_and_back(void)
{
	back("u8", "255", "255");
	back("u16", "0xffff", "65535");
	back("u32", "4294967295", "4294967295");
	back("u64", "18446744073709551615", "18446744073709551615");
	back("str:4", "", "");
	back("str:4", "abcd", "abcd");
	back("bytes:3", "00fF7a", "00ff7a");
	back("bytes:3", "0x00ff7a", "00ff7a");
	back("bytes:0", "", "");
	back("u64", "0", "0");
	back("u64", "10000000000000000000", "10000000000000000000");
	back("ipv4", "255.0.1.2", "255.0.1.2");
	back("ipv4", "10.99.100.19", "10.99.100.19");
	back("ipv6", "2001:DB8:0:0::1", "2001:db8::1");
	back("mac", "00:1A:2b:3c:4d:5e", "00:1a:2b:3c:4d:5e");
}

static void refusals(void)
{
	refused("u8", "256", "does not fit");
	refused("u16", "65536", "does not fit");
	refused("u32", "4294967296", "does not fit");
	refused("u64", "18446744073709551616", "is no number");
	refused("u8", "-1", "is no number");
	refused("str:4", "abcde", "5 bytes long");
	refused("bytes:2", "123", "4 digits");
	refused("bytes:2", "12345", "4 digits");
	refused("bytes:2", "12x4", "4 digits");
	refused("ipv4", "1.2.3", "no ipv4 address");
	refused("ipv4", "1.2.3.256", "no ipv4 address");
	refused("ipv4", "1.2.3.4294967297", "no ipv4 address");
	refused("ipv4", "1.2.3.04", "no ipv4 address");
	refused("ipv4", "1.2.3.00", "no ipv4 address");
	refused("ipv4", "1.2..4", "no ipv4 address");
	refused("ipv4", "1.2.3.", "no ipv4 address");
	refused("ipv4", "1.2.3.4.", "no ipv4 address");
	refused("ipv4", "1.2.3.4 ", "no ipv4 address");
	refused("ipv4", "", "no ipv4 address");
	refused("ipv6", "1::2::3", "no ipv6 address");
	refused("mac", "00:1a:2b:3c:4d", "no mac address");
	refused("mac", "00-1a-2b-3c-4d-5e", "no mac address");
	refused("mac", "0:1a:2b:3c:4d:5eff", "no mac address");
}

/* Zero bytes within a string are kept, those behind it are padding. */
static void zero_bytes(void)
{
	struct field f = field("str:6");
	char data[6], text[FIELD_TEXT_MAX];

	CHECK(field_from_text(&f, "a\0b", 3, data, why));
	CHECK(!memcmp(data, "a\0b\0\0\0", 6));
	CHECK(field_to_text(&f, data, 6, text) == 3);
	CHECK(!memcmp(text, "a\0b", 4));
	field_to_word(&f, data, text);
	CHECK_TEXT(text, "\"a\\x00b\"");
}

/* An address with a zero byte behind it is not that address. */
static void zero_bytes_elsewhere(void)
{
	struct field f = field("ipv4");
	uint8_t data[4];

	CHECK(!field_from_text(&f, "1.2.3.4\0", 8, data, why));
}

static void distinct_from_numbers(void)
{
	static const char * const types[] = {
		"u8", "u16", "u32", "str:3", "bytes:1", "ipv4", "mac",
	};
	uint8_t a[8], b[8];

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct field f = field(types[i]);

		for (uint64_t n = 1; n < 256; n++) {
			CHECK(field_from_number(&f, n - 1, a) && field_from_number(&f, n, b));
			CHECK(memcmp(a, b, f.size));
		}
	}
	struct field small = field("u8"), text = field("str:2"), byte = field("bytes:1");

	CHECK(!field_from_number(&small, 256, a));
	CHECK(!field_from_number(&text, 100, a));
	CHECK(!field_from_number(&byte, 256, a));
}

/* A report keeps 64 bytes of a key, a bucket 64 of a value. */
static void cut_data(void)
{
	struct field f = field("u64"), bytes = field("bytes:8");
	uint8_t data[8] = { 0xab, 0xcd, 0xef };
	char text[FIELD_TEXT_MAX];

	CHECK(field_to_text(&f, data, 3, text) == 6);
	CHECK_TEXT(text, "abcdef");
	field_to_text(&bytes, data, 3, text);
	CHECK_TEXT(text, "abcdef");
}

const struct tap_test types_tests[] = {
	{ "types: names", names },
	{ "types: wrong names", wrong_names },
	{ "types: what may be", possible },
	{ "types: numbers", numbers },
	{ "types: there and back", there_and_back },
	{ "types: refusals", refusals },
	{ "types: zero bytes in strings", zero_bytes },
	{ "types: zero bytes elsewhere", zero_bytes_elsewhere },
	{ "types: distinct from numbers", distinct_from_numbers },
	{ "types: cut data", cut_data },
	{ NULL, NULL },
};

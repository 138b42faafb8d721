// SPDX-License-Identifier: GPL-2.0
/* Save files: whatever is read from one is the same when it was saved and read again. */
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "savefile.h"

#define ENTRIES_MAX	64	/* of a table that are compared */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool good)
{
	if (!good)
		abort();
}

static void save(FILE *f, const struct table_spec *spec, const uint8_t *entries, uint64_t n)
{
	struct table t = {
		.key = spec->key, .value = spec->value, .contract = spec->contract,
		.hash = spec->hash, .bits = spec->bits, .max_entries = spec->max_entries,
	};

	/* A name that is too long is the kernel's to refuse: none that is comes back. */
	snprintf(t.name, sizeof(t.name), "%.*s", NAME_SIZE - 1, spec->name);
	savefile_put_table(f, &t);
	savefile_put_entries(f, &t, entries, n);
	savefile_put_end(f, n);
}

static void back(const struct table_spec *spec, const uint8_t *entries, uint64_t n)
{
	size_t size = (size_t)spec->key.size + spec->value.size;
	uint8_t entry[ENTRY_SIZE_MAX];
	struct table_spec again;
	struct savefile s;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	save(f, spec, entries, n);
	fclose(f);
	savefile_open(&s, fmemopen(text, len, "r"), "again");
	must(savefile_table(&s, &again) == 1);
	must(!memcmp(&again.key, &spec->key, sizeof(again.key)));
	must(!memcmp(&again.value, &spec->value, sizeof(again.value)));
	must(!strncmp(again.name, spec->name, NAME_SIZE - 1));
	must(again.max_entries == spec->max_entries && again.bits == spec->bits);
	for (uint64_t i = 0; i < n; i++) {
		must(savefile_entry(&s, &again, entry) == 1);
		must(!memcmp(entry, entries + i * size, size));
	}
	must(savefile_entry(&s, &again, entry) == 0);
	must(savefile_table(&s, &again) == 0);
	savefile_close(&s);
	free(text);
}

/* Reads a table to its end; the first entries are kept. */
static int read_table(struct savefile *s, const struct table_spec *spec, uint8_t *entries,
		      uint64_t *n)
{
	size_t size = (size_t)spec->key.size + spec->value.size;
	uint8_t entry[ENTRY_SIZE_MAX];
	int rc;

	*n = 0;
	while ((rc = savefile_entry(s, spec, entry)) > 0)
		if (*n < ENTRIES_MAX)
			memcpy(entries + (*n)++ * size, entry, size);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char * const restore[] = { "restore", NULL };
	uint8_t *entries = malloc(ENTRIES_MAX * ENTRY_SIZE_MAX);
	FILE *f = n ? fmemopen((void *)data, n, "r") : NULL;
	struct table_spec spec;
	struct savefile s;
	uint64_t kept;

	if (f) {
		savefile_open(&s, f, "fuzz");
		while (savefile_table(&s, &spec) > 0 &&
		       read_table(&s, &spec, entries, &kept) == 0)
			back(&spec, entries, kept);
		savefile_close(&s);
		kernel_obliges();
		run_tripctl(restore, data, n);
	}
	free(entries);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "out.h"

/* The names of the bits that are set; one that has none is newer than this tool. */
static void put_bits(const char *key, uint32_t bits, const char *(*name)(unsigned int))
{
	char text[512] = "";
	size_t n = 0;

	for (unsigned int i = 0; i < 32; i++) {
		if (!(bits >> i & 1))
			continue;
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", n ? " " : "");
		if (name(i))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", name(i));
		else
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%u(unknown)", i);
	}
	out_str(key, text);
}

/* Fault 0 ends the others, so it is there whenever one of them is. */
static void put_faults(const struct features *f)
{
	if (!HAS(f, TRIPMAP_A_FEATURES_FAULTS))
		out_unknown("faults");
	else if (f->faults)
		put_bits("faults", f->faults, tripmap_fault_name);
	else
		out_str("faults", out_is_json() ? "" : "none (module parameter allow_inject)");
}

static void put_enum(const char *key, bool known, const char *name)
{
	if (known)
		out_str(key, name ? name : "unknown");
	else
		out_unknown(key);
}

static void put_known(const char *key, bool known, uint64_t number)
{
	if (known)
		out_num(key, number);
	else
		out_unknown(key);
}

#define PUT_KNOWN(key, f, attr, member) \
	put_known(key, HAS(f, TRIPMAP_A_FEATURES_##attr), (f)->member)

/* What is observed, and how much of it. */
static void put_observed(const struct features *f)
{
	put_enum("recorder", HAS(f, TRIPMAP_A_FEATURES_RECORDER),
		 tripmap_recorder_name(f->recorder));
	PUT_KNOWN("recorder_events", f, RECORDER_EVENTS, recorder_events);
	PUT_KNOWN("recorder_share", f, RECORDER_SHARE, recorder_share);
	PUT_KNOWN("window_ms", f, WINDOW_MS, window_ms);
	if (HAS(f, TRIPMAP_A_FEATURES_PAUSE_KINDS))
		put_bits("pause_kinds", f->pause_kinds, tripmap_pause_kind_name);
	else
		out_unknown("pause_kinds");
	if (HAS(f, TRIPMAP_A_FEATURES_PAUSE_STATS))
		out_bool("pause_stats", f->pause_stats);
	else
		out_unknown("pause_stats");
}

static int run(struct ctl *c, struct args *a)
{
	struct features f;
	int rc = args_end(a);

	if (rc)
		return rc;
	if (wire_features(c->wire, &f))
		return cmd_refused(c, a, NULL);
	out_object(NULL);
	out_str("module_version", f.module_version);
	out_str("tool_version", TRIPCTL_VERSION);
	out_num("family_version", f.family_version);
	out_num("tool_family_version", TRIPMAP_FAMILY_VERSION);
	out_str("kernel", f.kernel);
	put_bits("contracts", f.contracts, tripmap_contract_name);
	put_bits("classes", f.classes, tripmap_class_name);
	put_bits("actions", f.actions, tripmap_action_name);
	put_bits("hashes", f.hashes, tripmap_hash_name);
	if (HAS(&f, TRIPMAP_A_FEATURES_SYNCS))
		put_bits("syncs", f.syncs, tripmap_sync_name);
	else
		out_unknown("syncs");
	put_faults(&f);
	PUT_KNOWN("stale_ms", &f, STALE_MS, stale_ms);
	put_observed(&f);
	out_num("max_tables", f.max_tables);
	out_num("max_entries", f.max_entries);
	out_size("max_memory", f.max_memory);
	out_num("max_reports", f.max_reports);
	out_end();
	return CTL_OK;
}

const struct cmd cmd_features = {
	.name = "features",
	.run = run,
	.help =
"features\n"
"\n"
"Print what the loaded module can do, and its limits.\n",
};

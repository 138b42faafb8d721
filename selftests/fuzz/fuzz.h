/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fuzzer of the netlink family.
 *
 * A message is a number: from it, the seed and the policies that the running kernel
 * reports, it is made the same again and again (make.c).  Messages are sent in
 * episodes: a process with sockets of its own, in one of several worlds (worker.c),
 * so that what one episode does to its tables, namespaces and privileges ends with it.
 */
#ifndef TRIPMAP_FUZZ_H
#define TRIPMAP_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>
#include <linux/genetlink.h>
#include <linux/tripmap.h>

#define MESSAGE_MAX	(96 << 10)
#define PIECES_MAX	64
#define EPISODE		1000		/* messages */
#define HEADERS		(NLMSG_HDRLEN + GENL_HDRLEN)
#define LINEAGE_MAX	6

void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* --- chance --- */

struct rng {
	uint64_t	state;
};

/* A stream of its own for each number, and for each use of a number. */
enum stream { STREAM_MAKE, STREAM_CHANGE, STREAM_CHOOSE, STREAM_ACT, STREAM_WORLD };

void rng_init(struct rng *r, uint64_t seed, uint64_t number, enum stream stream);
uint64_t rng_next(struct rng *r);
/* Below n, which is not 0. */
uint64_t below(struct rng *r, uint64_t n);
static inline bool one_in(struct rng *r, uint64_t n)
{
	return !below(r, n);
}

void fill_random(struct rng *r, void *to, size_t len);

/* --- the family, as the kernel tells of it (family.c) --- */

struct rule {
	uint8_t		type;		/* NL_ATTR_TYPE_*; 0: not in this policy */
	uint64_t	min;		/* of numbers */
	uint64_t	max;
	uint32_t	min_len;	/* of bytes and strings; max_len 0: any */
	uint32_t	max_len;
	int		nest;		/* policy of what is inside, or -1 */
};

#define RULES_MAX	96
#define POLICIES_MAX	40
#define COMMANDS_MAX	64

struct policy {
	unsigned int	last;		/* attribute that has a rule */
	struct rule	rule[RULES_MAX];
};

struct op {
	uint32_t	flags;		/* GENL_*; 0: there is no such command */
	int		policy[2];	/* of do, of dump; -1: takes anything */
};

struct family {
	uint16_t	id;
	struct op	op[COMMANDS_MAX];	/* by command */
	struct policy	policy[POLICIES_MAX];
	uint32_t	group[8];
	unsigned int	groups;
};

void family_ask(struct family *f);
static inline const struct op *family_op(const struct family *f, uint8_t cmd)
{
	return cmd < COMMANDS_MAX && f->op[cmd].flags ? &f->op[cmd] : NULL;
}

/* --- attributes --- */

struct walk {
	uint8_t		*at;
	size_t		left;
};

/* The next attribute as the kernel would find it, or NULL. */
struct nlattr *attr_next(struct walk *w);
static inline void *attr_data(const struct nlattr *a)
{
	return (uint8_t *)a + NLA_HDRLEN;
}

static inline size_t attr_len(const struct nlattr *a)
{
	return a->nla_len - NLA_HDRLEN;
}

static inline uint16_t attr_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

/* The next message in a buffer as the kernel would find it, or NULL. */
struct nlmsghdr *message_next(struct walk *w);
/* The family's command in it, or NULL where it is too short to have one. */
struct genlmsghdr *message_genl(const struct family *f, const struct nlmsghdr *h);
static inline struct walk message_attrs(const struct nlmsghdr *h)
{
	return (struct walk){ (uint8_t *)h + HEADERS, h->nlmsg_len - HEADERS };
}

static inline bool is_dump(const struct nlmsghdr *h)
{
	return (h->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

/* --- what the policies do not tell (shape.c) --- */

/* Tables with the names that messages use. */
struct shape {
	const char	*name;
	uint16_t	key_size;
	uint16_t	value_size;
	uint8_t		contract;
	uint8_t		sync;
	uint16_t	shards;
};

#define SHAPES	12

extern const struct shape shapes[SHAPES];

/* What attributes of one message have to agree about. */
struct choice {
	uint8_t			cmd;
	const struct shape	*shape;
	bool			many;	/* a bulk */
	bool			named;	/* a label */
	uint8_t			mode;
	uint8_t			fault;
};

struct command {
	const char	*name;
	uint8_t		weight;
	const char	*(*attr_name)(unsigned int type);	/* NULL: it has none */
};

/* By number; NULL where there is none. */
const struct command *command_of(uint8_t cmd);
const char *attr_name_of(uint8_t cmd, uint16_t type);
void choose(struct rng *r, uint8_t cmd, struct choice *c);
/* Does the operation make no sense without the attribute? */
bool is_needed(const struct choice *c, uint16_t attr);
/* Is the attribute to be in a valid message? */
bool is_wanted(struct rng *r, const struct choice *c, uint16_t attr);
#define KNOWN_MAX	40000	/* bytes */

/* Its bytes, where more is known of them than the policy tells; else -1. */
int fill_known(struct rng *r, const struct choice *c, uint16_t attr, uint8_t *to);
/* Takes from a buffer what would end the machine, or the run's patience. */
void tame(const struct family *f, uint8_t *data, size_t len);

/* --- messages (make.c) --- */

enum kind { KIND_VALID, KIND_NEARLY, KIND_HOSTILE, KIND_CHANGED, KINDS };

struct message {
	enum kind	kind;
	uint64_t	number;
	size_t		len;
	uint8_t		data[MESSAGE_MAX];
};

struct maker {
	const struct family	*family;
	uint64_t		seed;
	int			only;	/* this command, or -1 */
};

void make_message(const struct maker *mk, uint64_t number, struct message *m);
/* Changes a message, as number says. */
void change_message(const struct maker *mk, uint64_t number, struct message *m);
/* A table of that shape. */
void make_table(const struct family *f, const struct shape *s, struct message *m);

/* --- messages worth keeping (corpus.c) --- */

struct corpus;

struct corpus *corpus_new(void);
/* A message that is like no other one kept: its numbers, the first made, the others changes. */
struct lineage {
	unsigned int	n;
	uint64_t	number[LINEAGE_MAX];
};

void corpus_keep(struct corpus *c, const struct message *m, const struct lineage *l);
/* One of them, changed as number says; false where there is none to change. */
bool corpus_change(struct corpus *c, const struct maker *mk, uint64_t number, struct message *m,
		   struct lineage *l);
void lineage_print(const struct lineage *l, char *to, size_t size);

/* --- where the kernel went (kcov.c) --- */

struct reached;

struct reached *reached_new(void);
unsigned int reached_count(const struct reached *r);
/* For the calling task; false where there is no KCOV. */
bool kcov_open(void);
void kcov_begin(void);
/* How many places that nobody had reached before. */
unsigned int kcov_end(struct reached *r);

/* --- sums, shared by all processes --- */

struct sums {
	uint64_t	sent;
	uint64_t	kind[KINDS];
	uint64_t	command[COMMANDS_MAX];
	uint64_t	answers[256];	/* by errno */
	uint64_t	texts[256];	/* of them with a text */
	uint64_t	data;		/* messages with data */
	uint64_t	unsent;		/* refused by the socket */
	uint64_t	closed;		/* sockets, with a dump under way */
	uint64_t	overruns;
	uint64_t	heard;		/* notifications */
	uint64_t	findings;
	uint64_t	episodes;
	uint64_t	kcov;		/* of them with KCOV */
};

extern struct sums *sums;

static inline void count(uint64_t *n)
{
	__atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
}

/* --- sending, and judging the answers (judge.c) --- */

#define EXPECTED_MAX	256

/* One request in a buffer. */
struct expected {
	uint32_t	seq;
	uint8_t		cmd;
	bool		ours;		/* of the family, and it has the operation */
	bool		must;		/* be answered; otherwise it may */
	bool		textless;	/* netlink itself may refuse it, without a text */
	unsigned int	answers;
};

struct dialogue {
	int			fd;
	const struct family	*family;
	bool			privileged;
	bool			under_way;	/* answers have not been taken yet */
	bool			unjudged;	/* too many requests, or answers were lost */
	char			name[128];	/* of the message */
	struct message		m;		/* the last one sent */
	unsigned int		n;
	struct expected		e[EXPECTED_MAX];
};

int netlink_socket(void);
/* Sends d->m; its answers wait. */
void dialogue_send(struct dialogue *d);
/* Takes all answers and judges them. */
void dialogue_judge(struct dialogue *d);
/* Takes one datagram, and judges nothing. */
void dialogue_peek(struct dialogue *d);
void finding(const struct dialogue *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- the rest --- */

struct run {
	struct maker	maker;
	uint64_t	count;
	unsigned int	seconds;	/* no episode begins later; 0: whatever it takes */
	unsigned int	workers;
	struct reached	*reached;
};

/* The episodes that are worker's; one process, which forks one for each. */
void work(const struct run *run, unsigned int worker);
/* A message for people: in hexadecimal, and attribute by attribute. */
void show(const struct family *f, const struct message *m);

#endif /* TRIPMAP_FUZZ_H */

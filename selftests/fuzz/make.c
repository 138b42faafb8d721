// SPDX-License-Identifier: GPL-2.0
/*
 * Messages, from numbers.  A message is first a list of attributes (pieces), each with
 * what it says of itself apart from what it has; what is wrong with a nearly valid one
 * is done to such a list.  What is wrong with a hostile one is done to its bytes.
 */
#include <string.h>

#include "fuzz.h"

/* --- chance --- */

uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

void rng_init(struct rng *r, uint64_t seed, uint64_t number, enum stream stream)
{
	r->state = seed;
	r->state = rng_next(r) ^ number;
	r->state = rng_next(r) ^ stream;
}

uint64_t below(struct rng *r, uint64_t n)
{
	return rng_next(r) % n;
}

void fill_random(struct rng *r, void *to, size_t len)
{
	uint8_t *p = to;

	while (len--)
		*p++ = rng_next(r);
}

/* --- pieces --- */

struct piece {
	uint16_t	type;		/* with its flags */
	int		skew;		/* how far off its length is */
	uint32_t	len;
	uint8_t		*data;
};

struct pieces {
	unsigned int	n;
	struct piece	piece[PIECES_MAX];
};

/* One message in the making. */
struct build {
	const struct family	*family;
	struct rng		*rng;
	struct choice		choice;
	bool			bare;		/* nothing but what is needed */
	bool			spoil;		/* something is still to be made wrong */
	size_t			used;
	uint8_t			room[8 << 20];	/* of the pieces */
};

static struct build build;

/* Room for as much as an attribute can hold. */
static uint8_t *new_room(struct build *b, size_t len)
{
	uint8_t *p = b->room + b->used;

	if (len > sizeof(b->room) - b->used)
		die("a message outgrew its room");
	b->used += len;
	return p;
}

static size_t flatten(const struct pieces *p, uint8_t *to, size_t room)
{
	const struct piece *a;
	struct nlattr head;
	size_t len = 0;

	for (a = p->piece; a < p->piece + p->n; a++) {
		if (len + NLA_HDRLEN + NLA_ALIGN(a->len) > room)
			break;
		head = (struct nlattr){ NLA_HDRLEN + a->len + a->skew, a->type };
		memcpy(to + len, &head, sizeof(head));
		memcpy(to + len + NLA_HDRLEN, a->data, a->len);
		memset(to + len + NLA_HDRLEN + a->len, 0, NLA_ALIGN(a->len) - a->len);
		len += NLA_HDRLEN + NLA_ALIGN(a->len);
	}
	return len;
}

/* --- values as a rule wants them --- */

static size_t number_size(uint8_t type)
{
	switch (type) {
	case NL_ATTR_TYPE_U8:
	case NL_ATTR_TYPE_S8:
		return 1;
	case NL_ATTR_TYPE_U16:
	case NL_ATTR_TYPE_S16:
		return 2;
	case NL_ATTR_TYPE_U32:
	case NL_ATTR_TYPE_S32:
		return 4;
	case NL_ATTR_TYPE_U64:
	case NL_ATTR_TYPE_S64:
		return 8;
	default:
		return 0;
	}
}

/* Bounds are met more often than what is between them. */
static uint64_t number_within(struct rng *r, const struct rule *rule)
{
	uint64_t span = rule->max - rule->min;

	switch (below(r, 4)) {
	case 0:
		return one_in(r, 2) ? rule->min : rule->max;
	case 1:
		return rule->min + below(r, span < 16 ? span + 1 : 16);
	default:
		return rule->min + (span == UINT64_MAX ? rng_next(r) : below(r, span + 1));
	}
}

static uint32_t bytes_within(struct rng *r, const struct rule *rule)
{
	uint32_t max = rule->max_len ? rule->max_len : 300, min = rule->min_len;

	if (one_in(r, 8))
		return max;
	if (one_in(r, 2) && max > 16)
		max = 16;
	return min >= max ? min : min + below(r, max - min + 1);
}

static uint32_t fill_string(struct rng *r, uint8_t *to, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		to[i] = ' ' + below(r, 95);
	to[len] = 0;
	return len + 1;
}

static size_t make_pieces(struct build *b, int policy, uint8_t *to, size_t room);

/* What is known of attributes is known of those outside. */
static size_t make_nest(struct build *b, int policy, uint8_t *to)
{
	uint8_t cmd = b->choice.cmd;
	size_t len;

	b->choice.cmd = 0;
	len = make_pieces(b, policy, to, 4096);
	b->choice.cmd = cmd;
	return len;
}

static void fill_piece(struct build *b, const struct rule *rule, struct piece *a)
{
	struct rng *r = b->rng;
	uint64_t v;

	a->len = number_size(rule->type);
	if (a->len) {
		v = number_within(r, rule);
		memcpy(a->data, &v, a->len);
	} else if (rule->type == NL_ATTR_TYPE_NESTED) {
		a->type |= NLA_F_NESTED;
		a->len = make_nest(b, rule->nest, a->data);
	} else if (rule->type == NL_ATTR_TYPE_STRING || rule->type == NL_ATTR_TYPE_NUL_STRING) {
		a->len = fill_string(r, a->data, bytes_within(r, rule));
	} else if (rule->type != NL_ATTR_TYPE_FLAG) {
		a->len = bytes_within(r, rule);
		fill_random(r, a->data, a->len);
	}
}

static size_t room_for(const struct rule *rule)
{
	return rule->max_len < KNOWN_MAX ? KNOWN_MAX : rule->max_len + 1;
}

static void add_piece(struct build *b, int policy, struct pieces *p, uint16_t attr)
{
	const struct rule *rule = &b->family->policy[policy].rule[attr];
	struct piece *a = &p->piece[p->n];
	int known = -1;

	if (p->n >= PIECES_MAX)
		return;
	*a = (struct piece){ .type = attr, .data = new_room(b, room_for(rule)) };
	/* Now and then something else, of the right kind. */
	if (b->bare || !one_in(b->rng, 60))
		known = fill_known(b->rng, &b->choice, attr, a->data);
	if (known >= 0)
		a->len = known;
	else
		fill_piece(b, rule, a);
	p->n++;
}

/* --- one attribute wrong --- */

enum flaw {
	FLAW_LENGTH, FLAW_SHORTER, FLAW_LONGER, FLAW_EMPTY, FLAW_HUGE, FLAW_RANGE, FLAW_MISSING,
	FLAW_TWICE, FLAW_NESTED, FLAW_ORDER, FLAW_TYPE, FLAW_DEEP, FLAW_STRING, FLAW_OTHER, FLAWS
};

/* A nest in a nest in a nest ... */
static void make_deep(struct build *b, struct piece *a)
{
	size_t depth = 2 + below(b->rng, 300), i;
	struct nlattr head = { .nla_type = a->type | NLA_F_NESTED };

	a->type |= NLA_F_NESTED;
	a->len = depth * NLA_HDRLEN;
	a->data = new_room(b, a->len);
	for (i = 0; i < depth; i++) {
		head.nla_len = a->len - i * NLA_HDRLEN;
		memcpy(a->data + i * NLA_HDRLEN, &head, sizeof(head));
	}
}

static void make_huge(struct build *b, struct piece *a)
{
	a->len = one_in(b->rng, 2) ? 65531 : 4000 + below(b->rng, 30000);
	a->data = new_room(b, a->len);
	fill_random(b->rng, a->data, a->len);
}

static void grow_piece(struct build *b, struct piece *a, uint32_t by)
{
	uint8_t *data = new_room(b, a->len + by);

	memcpy(data, a->data, a->len);
	memset(data + a->len, 0, by);
	a->data = data;
	a->len += by;
}

static void remove_piece(struct pieces *p, struct piece *a)
{
	memmove(a, a + 1, (char *)(p->piece + p->n) - (char *)(a + 1));
	p->n--;
}

/* Flaws of what an attribute holds. */
static void spoil_data(struct build *b, struct piece *a, enum flaw flaw)
{
	switch (flaw) {
	case FLAW_SHORTER:
		a->len -= a->len ? 1 + below(b->rng, a->len < 4 ? a->len : 4) : 0;
		break;
	case FLAW_LONGER:
		grow_piece(b, a, 1 + below(b->rng, 9));
		break;
	case FLAW_EMPTY:
		a->len = 0;
		break;
	case FLAW_HUGE:
		make_huge(b, a);
		break;
	case FLAW_RANGE:
		memset(a->data, one_in(b->rng, 2) ? 0xff : 0, a->len < 8 ? a->len : 8);
		break;
	case FLAW_DEEP:
		make_deep(b, a);
		break;
	case FLAW_STRING:
		memset(a->data, 'x', a->len);
		break;
	default:
		fill_random(b->rng, a->data, a->len);
	}
}

static void spoil(struct build *b, struct pieces *p, unsigned int last)
{
	struct piece *a = &p->piece[below(b->rng, p->n)];
	enum flaw flaw = below(b->rng, FLAWS);

	b->spoil = false;
	switch (flaw) {
	case FLAW_LENGTH:
		a->skew = one_in(b->rng, 2) ? (int)below(b->rng, 9) - 4 : (int)below(b->rng, 60000);
		break;
	case FLAW_MISSING:
		remove_piece(p, a);
		break;
	case FLAW_TWICE:
		if (p->n < PIECES_MAX)
			p->piece[p->n++] = *a;
		break;
	case FLAW_NESTED:
		a->type ^= NLA_F_NESTED;
		break;
	case FLAW_ORDER:
		a->type |= NLA_F_NET_BYTEORDER;
		break;
	case FLAW_TYPE:
		a->type = one_in(b->rng, 2) ? below(b->rng, last + 8) : below(b->rng, 1 << 14);
		break;
	default:
		spoil_data(b, a, flaw);
	}
}

/* The attributes of a policy, as bytes. */
static size_t make_pieces(struct build *b, int policy, uint8_t *to, size_t room)
{
	const struct policy *known = policy < 0 ? NULL : &b->family->policy[policy];
	struct pieces p = {};
	unsigned int attr;
	int again;

	for (attr = 1; known && attr <= known->last; attr++) {
		if (!known->rule[attr].type || known->rule[attr].type == NL_ATTR_TYPE_INVALID ||
		    (b->bare ? !is_needed(&b->choice, attr) :
			       !is_wanted(b->rng, &b->choice, attr)))
			continue;
		again = known->rule[attr].type == NL_ATTR_TYPE_NESTED ? below(b->rng, 3) : 0;
		do {
			add_piece(b, policy, &p, attr);
		} while (again--);
	}
	if (b->spoil && p.n && (b->choice.cmd || one_in(b->rng, 3)))
		spoil(b, &p, known->last);
	return flatten(&p, to, room);
}

/* --- one request --- */

static uint8_t pick_command(const struct maker *mk, struct rng *r)
{
	unsigned int sum = 0, at;
	const struct command *c;
	uint8_t cmd;

	if (mk->only >= 0)
		return mk->only;
	for (cmd = 0; cmd < COMMANDS_MAX; cmd++)
		sum += command_of(cmd) ? command_of(cmd)->weight : 0;
	at = below(r, sum);
	for (cmd = 0; cmd < COMMANDS_MAX; cmd++) {
		c = command_of(cmd);
		if (c && at < c->weight)
			return cmd;
		at -= c ? c->weight : 0;
	}
	return cmd;
}

/* As the operation says it can be asked; of two ways one. */
static bool pick_dump(const struct op *op, struct rng *r)
{
	bool can_dump = op && op->flags & GENL_CMD_CAP_DUMP;
	bool can_do = op && op->flags & GENL_CMD_CAP_DO;

	return can_dump && (!can_do || one_in(r, 2));
}

static void put_headers(const struct family *f, uint8_t *to, size_t len, uint16_t flags,
			uint32_t seq, uint8_t cmd)
{
	struct nlmsghdr h = { len, f->id, NLM_F_REQUEST | NLM_F_ACK | flags, seq, 0 };
	struct genlmsghdr g = { .cmd = cmd, .version = TRIPMAP_FAMILY_VERSION };

	memcpy(to, &h, sizeof(h));
	memcpy(to + NLMSG_HDRLEN, &g, sizeof(g));
}

/* A valid request or, spoilt, a nearly valid one. */
static size_t make_request(const struct maker *mk, struct rng *r, uint32_t seq, bool spoilt,
			   uint8_t *to, size_t room)
{
	struct build *b = &build;
	uint8_t cmd = pick_command(mk, r);
	const struct op *op = family_op(mk->family, cmd);
	bool dump = pick_dump(op, r);
	size_t len;

	b->family = mk->family;
	b->rng = r;
	b->bare = false;
	b->spoil = spoilt;
	b->used = 0;
	choose(r, cmd, &b->choice);
	/* Operations that are both list everything, and take no attribute for that. */
	if (dump && op->flags & GENL_CMD_CAP_DO && !one_in(r, 16))
		len = HEADERS;
	else
		len = HEADERS + make_pieces(b, op ? op->policy[dump] : -1, to + HEADERS,
					    room - HEADERS);
	put_headers(mk->family, to, len, dump ? NLM_F_DUMP : 0, seq, cmd);
	return len;
}

void make_table(const struct family *f, const struct shape *s, struct message *m)
{
	struct rng r = {};

	build.family = f;
	build.rng = &r;
	build.choice = (struct choice){ .cmd = TRIPMAP_CMD_TABLE_NEW, .shape = s };
	build.bare = true;
	build.spoil = false;
	build.used = 0;
	m->kind = KIND_VALID;
	m->number = 0;
	m->len = HEADERS + make_pieces(&build, f->op[TRIPMAP_CMD_TABLE_NEW].policy[0],
				       m->data + HEADERS, MESSAGE_MAX - HEADERS);
	put_headers(f, m->data, m->len, 0, 0, TRIPMAP_CMD_TABLE_NEW);
}

/* --- hostile ones --- */

enum hostility {
	HOSTILE_HEADER, HOSTILE_FLAGS, HOSTILE_LENGTH, HOSTILE_BITS, HOSTILE_CUT, HOSTILE_TAIL,
	HOSTILE_GARBAGE, HOSTILE_SEVERAL, HOSTILITIES
};

static void flip_bits(struct rng *r, uint8_t *data, size_t len)
{
	unsigned int n = 1 + below(r, 8);

	while (n--)
		data[below(r, len)] ^= 1 << below(r, 8);
}

static void spoil_header(struct rng *r, struct message *m)
{
	/* Not the first half of the length: that would only make it too long. */
	size_t at = 4 + below(r, HEADERS - 4);

	fill_random(r, m->data + at, one_in(r, 2) ? 1 : HEADERS - at);
}

static void spoil_flags(struct rng *r, struct message *m)
{
	struct nlmsghdr *h = (struct nlmsghdr *)m->data;

	h->nlmsg_flags ^= one_in(r, 2) ? NLM_F_DUMP : 1 << below(r, 16);
}

static void spoil_length(struct rng *r, struct message *m)
{
	struct nlmsghdr *h = (struct nlmsghdr *)m->data;

	h->nlmsg_len = one_in(r, 2) ? below(r, m->len + 40) : rng_next(r);
}

static void add_tail(struct rng *r, struct message *m)
{
	size_t len = 1 + below(r, 64);

	if (m->len + len > MESSAGE_MAX)
		return;
	fill_random(r, m->data + m->len, len);
	m->len += len;
	if (one_in(r, 2))
		((struct nlmsghdr *)m->data)->nlmsg_len = m->len;
}

static void make_garbage(struct rng *r, struct message *m)
{
	struct nlmsghdr *h = (struct nlmsghdr *)m->data;

	m->len = HEADERS + below(r, 400);
	fill_random(r, m->data + HEADERS, m->len - HEADERS);
	h->nlmsg_len = m->len;
}

/* Some more requests in the same buffer, and something is wrong with one of them. */
static void add_several(const struct maker *mk, struct rng *r, struct message *m)
{
	unsigned int n = 1 + below(r, 5), wrong = below(r, n + 1), i;
	size_t at;

	for (i = 0; i < n; i++) {
		at = NLMSG_ALIGN(m->len);
		if (at + 4096 > MESSAGE_MAX)
			return;
		memset(m->data + m->len, 0, at - m->len);
		m->len = at + make_request(mk, r, m->number * 8 + i + 1, one_in(r, 2), m->data + at,
					   MESSAGE_MAX - at);
		if (i == wrong)
			flip_bits(r, m->data + at, m->len - at);
	}
}

static void make_hostile(const struct maker *mk, struct rng *r, struct message *m)
{
	switch ((enum hostility)below(r, HOSTILITIES)) {
	case HOSTILE_HEADER:
		spoil_header(r, m);
		break;
	case HOSTILE_FLAGS:
		spoil_flags(r, m);
		break;
	case HOSTILE_LENGTH:
		spoil_length(r, m);
		break;
	case HOSTILE_BITS:
		flip_bits(r, m->data, m->len);
		break;
	case HOSTILE_CUT:
		m->len = 1 + below(r, m->len);
		break;
	case HOSTILE_TAIL:
		add_tail(r, m);
		break;
	case HOSTILE_GARBAGE:
		make_garbage(r, m);
		break;
	default:
		add_several(mk, r, m);
	}
}

void make_message(const struct maker *mk, uint64_t number, struct message *m)
{
	unsigned int dice;
	struct rng r;

	rng_init(&r, mk->seed, number, STREAM_MAKE);
	dice = below(&r, 16);
	m->kind = dice < 8 ? KIND_VALID : dice < 13 ? KIND_NEARLY : KIND_HOSTILE;
	m->number = number;
	m->len = make_request(mk, &r, number * 8,
			      m->kind == KIND_NEARLY || (m->kind == KIND_HOSTILE && one_in(&r, 3)),
			      m->data, MESSAGE_MAX);
	if (m->kind == KIND_HOSTILE)
		make_hostile(mk, &r, m);
	tame(mk->family, m->data, m->len);
}

/* --- changes --- */

/* An attribute of the first request in a message, or NULL. */
static struct nlattr *some_attr(const struct maker *mk, struct rng *r, struct message *m)
{
	struct walk w = { m->data, m->len }, attrs;
	struct nlmsghdr *h = message_next(&w);
	struct nlattr *a, *found = NULL;
	unsigned int n = 0;

	if (!h || !message_genl(mk->family, h))
		return NULL;
	attrs = message_attrs(h);
	while ((a = attr_next(&attrs)))
		if (one_in(r, ++n))
			found = a;
	return found;
}

static void change_once(const struct maker *mk, struct rng *r, struct message *m)
{
	struct nlattr *a = some_attr(mk, r, m);

	if (!a || one_in(r, 8)) {
		flip_bits(r, m->data, m->len);
	} else if (attr_len(a) && !one_in(r, 4)) {
		if (one_in(r, 2))
			flip_bits(r, attr_data(a), attr_len(a));
		else
			fill_random(r, attr_data(a), attr_len(a) < 8 ? attr_len(a) : 8);
	} else if (one_in(r, 2)) {
		a->nla_type = below(r, RULES_MAX);
	} else {
		a->nla_len += (int)below(r, 9) - 4;
	}
}

void change_message(const struct maker *mk, uint64_t number, struct message *m)
{
	unsigned int n;
	struct rng r;

	rng_init(&r, mk->seed, number, STREAM_CHANGE);
	for (n = 1 + below(&r, 4); n; n--)
		change_once(mk, &r, m);
	if (one_in(&r, 16))
		make_hostile(mk, &r, m);
	m->kind = KIND_CHANGED;
	m->number = number;
	if (m->len >= NLMSG_HDRLEN)
		((struct nlmsghdr *)m->data)->nlmsg_seq = number * 8;
	tame(mk->family, m->data, m->len);
}

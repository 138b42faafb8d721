// SPDX-License-Identifier: GPL-2.0
/* What the controller of generic netlink tells of the family. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

/* Goes past a message or an attribute; both are aligned alike. The last one need not be. */
static void pass(struct walk *w, size_t len)
{
	size_t step = NLMSG_ALIGN(len);

	_Static_assert(NLMSG_ALIGNTO == NLA_ALIGNTO, "one step for both");
	if (step > w->left)
		step = w->left;
	w->at += step;
	w->left -= step;
}

struct nlattr *attr_next(struct walk *w)
{
	struct nlattr *a = (struct nlattr *)w->at;

	if (w->left < NLA_HDRLEN || a->nla_len < NLA_HDRLEN || a->nla_len > w->left)
		return NULL;
	pass(w, a->nla_len);
	return a;
}

struct nlmsghdr *message_next(struct walk *w)
{
	struct nlmsghdr *h = (struct nlmsghdr *)w->at;

	if (w->left < NLMSG_HDRLEN || h->nlmsg_len < NLMSG_HDRLEN || h->nlmsg_len > w->left)
		return NULL;
	pass(w, h->nlmsg_len);
	return h;
}

struct genlmsghdr *message_genl(const struct family *f, const struct nlmsghdr *h)
{
	if (h->nlmsg_type != f->id || h->nlmsg_len < HEADERS)
		return NULL;
	return (struct genlmsghdr *)((uint8_t *)h + NLMSG_HDRLEN);
}

static uint64_t number(const struct nlattr *a)
{
	uint64_t v = 0;

	memcpy(&v, attr_data(a), attr_len(a) < sizeof(v) ? attr_len(a) : sizeof(v));
	return v;
}

static struct walk inside(const struct nlattr *a)
{
	return (struct walk){ attr_data(a), attr_len(a) };
}

/* The attribute of that type among those of a nest; 0 where there is none. */
static uint64_t number_in(const struct nlattr *nest, uint16_t type)
{
	struct walk w = inside(nest);
	struct nlattr *a;

	while ((a = attr_next(&w)))
		if (attr_type(a) == type)
			return number(a);
	return 0;
}

static void read_ops(struct family *f, const struct nlattr *list)
{
	struct walk w = inside(list);
	struct nlattr *op;
	uint64_t cmd;

	while ((op = attr_next(&w))) {
		cmd = number_in(op, CTRL_ATTR_OP_ID);
		if (cmd < COMMANDS_MAX)
			f->op[cmd] = (struct op){ number_in(op, CTRL_ATTR_OP_FLAGS), { -1, -1 } };
	}
}

static void read_groups(struct family *f, const struct nlattr *list)
{
	struct walk w = inside(list);
	struct nlattr *group;

	while ((group = attr_next(&w)) && f->groups < sizeof(f->group) / sizeof(*f->group))
		f->group[f->groups++] = number_in(group, CTRL_ATTR_MCAST_GRP_ID);
}

static void read_family(struct family *f, const struct nlattr *a)
{
	switch (attr_type(a)) {
	case CTRL_ATTR_FAMILY_ID:
		f->id = number(a);
		break;
	case CTRL_ATTR_OPS:
		read_ops(f, a);
		break;
	case CTRL_ATTR_MCAST_GROUPS:
		read_groups(f, a);
		break;
	}
}

static void read_rule(struct rule *rule, const struct nlattr *facts)
{
	struct walk w = inside(facts);
	struct nlattr *a;

	*rule = (struct rule){ .nest = -1 };
	while ((a = attr_next(&w))) {
		switch (attr_type(a)) {
		case NL_POLICY_TYPE_ATTR_TYPE:
			rule->type = number(a);
			break;
		case NL_POLICY_TYPE_ATTR_MIN_VALUE_U:
		case NL_POLICY_TYPE_ATTR_MIN_VALUE_S:
			rule->min = number(a);
			break;
		case NL_POLICY_TYPE_ATTR_MAX_VALUE_U:
		case NL_POLICY_TYPE_ATTR_MAX_VALUE_S:
			rule->max = number(a);
			break;
		case NL_POLICY_TYPE_ATTR_MIN_LENGTH:
			rule->min_len = number(a);
			break;
		case NL_POLICY_TYPE_ATTR_MAX_LENGTH:
			rule->max_len = number(a);
			break;
		case NL_POLICY_TYPE_ATTR_POLICY_IDX:
			rule->nest = number(a);
			break;
		}
	}
}

/* A nest for each policy, with a nest for each of its attributes. */
static void read_rules(struct family *f, const struct nlattr *list)
{
	struct walk policies = inside(list), w;
	struct nlattr *policy, *facts;
	struct policy *p;

	while ((policy = attr_next(&policies))) {
		if (attr_type(policy) >= POLICIES_MAX)
			die("more than %u policies", POLICIES_MAX);
		p = &f->policy[attr_type(policy)];
		w = inside(policy);
		while ((facts = attr_next(&w))) {
			if (attr_type(facts) >= RULES_MAX)
				die("more than %u attributes in a policy", RULES_MAX);
			read_rule(&p->rule[attr_type(facts)], facts);
			if (attr_type(facts) > p->last)
				p->last = attr_type(facts);
		}
	}
}

static void read_op_policies(struct family *f, const struct nlattr *list)
{
	struct walk ops = inside(list), w;
	struct nlattr *op, *a;

	while ((op = attr_next(&ops))) {
		w = inside(op);
		while (attr_type(op) < COMMANDS_MAX && (a = attr_next(&w)))
			f->op[attr_type(op)].policy[attr_type(a) == CTRL_ATTR_POLICY_DUMP] =
				number(a);
	}
}

static void read_policy(struct family *f, const struct nlattr *a)
{
	if (attr_type(a) == CTRL_ATTR_POLICY)
		read_rules(f, a);
	else if (attr_type(a) == CTRL_ATTR_OP_POLICY)
		read_op_policies(f, a);
}

/* Reads one datagram; false at the end of the answer. */
static bool read_answer(int fd, struct family *f,
			void (*read)(struct family *f, const struct nlattr *a))
{
	static uint8_t buffer[1 << 17];
	ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
	struct walk w = { buffer, got < 0 ? 0 : got }, attrs;
	struct nlmsghdr *h;
	struct nlattr *a;

	if (got < 0)
		die("no answer from the controller: %m");
	while ((h = message_next(&w))) {
		if (h->nlmsg_type == NLMSG_ERROR &&
		    ((struct nlmsgerr *)((uint8_t *)h + NLMSG_HDRLEN))->error)
			die("there is no family %s: is the module loaded?", TRIPMAP_FAMILY_NAME);
		if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE)
			return false;
		attrs = message_attrs(h);
		while ((a = attr_next(&attrs)))
			read(f, a);
	}
	return true;
}

static void ask(int fd, struct family *f, uint8_t cmd, uint16_t flags,
		void (*read)(struct family *f, const struct nlattr *a))
{
	struct {
		struct nlmsghdr		h;
		struct genlmsghdr	genl;
		struct nlattr		a;
		char			name[(sizeof(TRIPMAP_FAMILY_NAME) + 3) & ~3];
	} request = {
		.h = { .nlmsg_len = sizeof(request), .nlmsg_type = GENL_ID_CTRL,
		       .nlmsg_flags = NLM_F_REQUEST | flags },
		.genl = { .cmd = cmd, .version = 2 },
		.a = { .nla_len = NLA_HDRLEN + sizeof(TRIPMAP_FAMILY_NAME),
		       .nla_type = CTRL_ATTR_FAMILY_NAME },
		.name = TRIPMAP_FAMILY_NAME,
	};

	if (send(fd, &request, sizeof(request), 0) < 0)
		die("cannot ask the controller: %m");
	while (read_answer(fd, f, read))
		;
}

void family_ask(struct family *f)
{
	int fd = netlink_socket();

	memset(f, 0, sizeof(*f));
	ask(fd, f, CTRL_CMD_GETFAMILY, NLM_F_ACK, read_family);
	ask(fd, f, CTRL_CMD_GETPOLICY, NLM_F_DUMP, read_policy);
	close(fd);
}

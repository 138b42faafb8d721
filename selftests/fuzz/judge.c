// SPDX-License-Identifier: GPL-2.0
/*
 * What must come back.  The kernel works on a buffer within send(), so that all answers
 * are there, or come as they are taken, when it returns: nothing is waited for.
 *
 *   - A request that asks for an acknowledgment gets exactly one, or the end of a
 *     dump; no other message gets more than one.
 *   - An error from the family's own code has a text, and success has none.
 *   - What has data consists of whole attributes.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

#define SHOWN_MAX	20	/* findings with their bytes */

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

static uint8_t answer[1 << 18];

int netlink_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC), one = 1;
	int room = 4 << 20;

	if (fd < 0 || setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)))
		die("no netlink socket: %m");
	/* As large as the task may have it. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return fd;
}

void finding(const struct dialogue *d, const char *format, ...)
{
	char text[200], hex[2 * 300 + 1];
	size_t i, len = d->m.len < 300 ? d->m.len : 300;
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	count(&sums->findings);
	if (sums->findings > SHOWN_MAX)
		return;
	for (i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", d->m.data[i]);
	hex[2 * len] = 0;
	printf("finding: message %s: %s: %s%s\n", d->name, text, hex, len < d->m.len ? "..." : "");
	fflush(stdout);
}

/* --- what is expected --- */

/* Netlink itself refuses what the family never sees, and has no text for it. */
static void expect_ours(const struct dialogue *d, struct expected *e, const struct nlmsghdr *h,
			const struct genlmsghdr *g, bool dumping)
{
	const struct op *op = g ? family_op(d->family, g->cmd) : NULL;

	if (!op || !(h->nlmsg_flags & NLM_F_REQUEST))
		return;
	e->cmd = g->cmd;
	e->ours = op->flags & (is_dump(h) ? GENL_CMD_CAP_DUMP : GENL_CMD_CAP_DO);
	e->must |= e->ours && is_dump(h);
	e->textless = (op->flags & (GENL_ADMIN_PERM | GENL_UNS_ADMIN_PERM) && !d->privileged) ||
		      (is_dump(h) && dumping);
}

/* Which of those with the same number an answer is for is not known: dumps answer late. */
static void expect_alike(struct dialogue *d)
{
	struct expected *last = &d->e[d->n - 1], *e;

	for (e = d->e; e < last; e++)
		if (e->seq == last->seq)
			e->textless = last->textless = true;
}

static void expect(struct dialogue *d)
{
	struct walk w = { d->m.data, d->m.len };
	const struct nlmsghdr *h;
	struct expected *e;
	bool dumping = false;

	d->n = 0;
	d->unjudged = false;
	while ((h = message_next(&w))) {
		if (d->n == EXPECTED_MAX) {
			d->unjudged = true;
			return;
		}
		e = &d->e[d->n++];
		*e = (struct expected){ .seq = h->nlmsg_seq, .must = h->nlmsg_flags & NLM_F_ACK };
		expect_ours(d, e, h, message_genl(d->family, h), dumping);
		expect_alike(d);
		dumping |= is_dump(h);
	}
}

/* --- what comes --- */

/* The request that an answer is for; one without an answer, if there is. */
static struct expected *whose(struct dialogue *d, uint32_t seq)
{
	struct expected *found = NULL;
	unsigned int i;

	for (i = 0; i < d->n; i++) {
		if (d->e[i].seq != seq)
			continue;
		if (!d->e[i].answers)
			return &d->e[i];
		found = &d->e[i];
	}
	return found;
}

static bool has_text(struct walk w)
{
	struct nlattr *a;

	while ((a = attr_next(&w)))
		if (attr_type(a) == NLMSGERR_ATTR_MSG && attr_len(a) > 1)
			return true;
	return false;
}

static void judge_answer(struct dialogue *d, const struct nlmsghdr *h, int error, bool text)
{
	struct expected *e = whose(d, h->nlmsg_seq);

	count(&sums->answers[-error & 255]);
	if (text)
		count(&sums->texts[-error & 255]);
	if (d->unjudged)
		return;
	if (!e) {
		finding(d, "an answer (%d) to what was not asked", error);
		return;
	}
	if (e->answers++)
		finding(d, "answered %u times, the last time %d", e->answers, error);
	if (!error && e->ours && text)
		finding(d, "success has a text");
	if (error && e->ours && !text && !e->textless)
		finding(d, "%s (%d) from %s without a text", strerror(-error), error,
			command_of(e->cmd) ? command_of(e->cmd)->name : "the family");
}

static void judge_data(struct dialogue *d, const struct nlmsghdr *h)
{
	struct walk w;

	count(&sums->data);
	if (!message_genl(d->family, h))
		return;
	w = message_attrs(h);
	while (attr_next(&w))
		;
	if (w.left)
		finding(d, "%zu bytes in an answer are no attribute", w.left);
}

static void judge_message(struct dialogue *d, struct nlmsghdr *h)
{
	size_t head = h->nlmsg_type == NLMSG_DONE ? sizeof(int) : sizeof(struct nlmsgerr);
	uint8_t *payload = (uint8_t *)h + NLMSG_HDRLEN;
	struct walk tlvs = { payload + head, 0 };
	int error;

	if (h->nlmsg_type != NLMSG_DONE && h->nlmsg_type != NLMSG_ERROR) {
		judge_data(d, h);
		return;
	}
	if (h->nlmsg_len < NLMSG_HDRLEN + head) {
		finding(d, "an acknowledgment of %u bytes", h->nlmsg_len);
		return;
	}
	memcpy(&error, payload, sizeof(error));
	if (h->nlmsg_flags & NLM_F_ACK_TLVS)
		tlvs.left = h->nlmsg_len - NLMSG_HDRLEN - head;
	judge_answer(d, h, error, has_text(tlvs));
}

/* One datagram; false when there is none. */
static bool take(struct dialogue *d)
{
	ssize_t got = recv(d->fd, answer, sizeof(answer), MSG_DONTWAIT);
	struct walk w = { answer, got < 0 ? 0 : got };
	struct nlmsghdr *h;

	if (got < 0 && errno == ENOBUFS) {
		count(&sums->overruns);
		d->unjudged = true;
		return true;
	}
	while ((h = message_next(&w)))
		judge_message(d, h);
	return got >= 0;
}

void dialogue_send(struct dialogue *d)
{
	expect(d);
	count(&sums->sent);
	count(&sums->kind[d->m.kind]);
	for (unsigned int i = 0; i < d->n; i++)
		count(&sums->command[d->e[i].cmd]);
	d->under_way = send(d->fd, d->m.data, d->m.len, 0) >= 0;
	if (!d->under_way)
		count(&sums->unsent);
}

void dialogue_peek(struct dialogue *d)
{
	if (d->under_way)
		recv(d->fd, answer, sizeof(answer), MSG_DONTWAIT);
}

void dialogue_judge(struct dialogue *d)
{
	if (!d->under_way)
		return;
	d->under_way = false;
	while (take(d))
		;
	for (unsigned int i = 0; i < d->n && !d->unjudged; i++)
		if (d->e[i].must && !d->e[i].answers)
			finding(d, "request %u of it was not answered", i);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Episodes: a process each, with some sockets, in one of the worlds.  What is done
 * beside the messages is in the seed, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define SOCKETS		3
#define USER		1000

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

enum world {
	WORLD_ROOT,		/* the machine's administrator, in its first namespaces */
	WORLD_NET,		/* the same in network namespaces of its own */
	WORLD_USER,		/* a user who is root in namespaces of its own */
	WORLD_NOBODY,		/* a user in the first namespaces */
};

struct episode {
	const struct run	*run;
	struct corpus		*corpus;
	enum world		world;
	bool			kcov;
	int			home;		/* network namespace, in WORLD_NET */
	bool			away;
	int			ears;		/* a socket that listens, or -1 */
	struct dialogue		d[SOCKETS];
};

static enum world world_of(const struct run *run, uint64_t episode)
{
	static const enum world of[] = {
		WORLD_ROOT, WORLD_ROOT, WORLD_ROOT, WORLD_NET, WORLD_NET, WORLD_USER, WORLD_USER,
		WORLD_NOBODY,
	};
	struct rng r;

	rng_init(&r, run->maker.seed, episode, STREAM_WORLD);
	/* The first ones see all of them. */
	return of[(episode < 8 ? episode * 3 : rng_next(&r)) % 8];
}

static void enter(struct episode *ep)
{
	if (ep->world == WORLD_NET) {
		if (unshare(CLONE_NEWNET))
			die("no network namespace: %m");
		ep->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	}
	if (ep->world == WORLD_USER || ep->world == WORLD_NOBODY)
		if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
			die("cannot become a user: %m");
	if (ep->world == WORLD_USER && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die("no user namespace: %m");
}

/* --- beside the messages --- */

static void make_again(struct dialogue *d, const struct shape *s)
{
	make_table(d->family, s, &d->m);
	if (send(d->fd, d->m.data, d->m.len, 0) < 0)
		die("cannot send: %m");
	d->under_way = true;
	dialogue_peek(d);
	d->under_way = false;
}

static void make_tables(struct dialogue *d)
{
	for (size_t i = 0; i < SHAPES; i++)
		make_again(d, &shapes[i]);
}

static void reopen(struct episode *ep, struct dialogue *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = netlink_socket();
	d->under_way = false;
	d->family = ep->run->maker.family;
	d->privileged = ep->world == WORLD_ROOT || ep->world == WORLD_NET;
}

/* A socket keeps the namespace that it was opened in. */
static void change_namespace(struct episode *ep, struct dialogue *d)
{
	if (ep->away ? setns(ep->home, CLONE_NEWNET) : unshare(CLONE_NEWNET))
		die("cannot change the network namespace: %m");
	ep->away = !ep->away;
	reopen(ep, d);
	make_tables(d);
}

static void listen_or_not(struct episode *ep)
{
	const struct family *f = ep->run->maker.family;
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	unsigned int i;

	if (ep->ears >= 0) {
		close(ep->ears);
		ep->ears = -1;
		return;
	}
	ep->ears = netlink_socket();
	/* Who has no address hears nothing. */
	if (bind(ep->ears, (struct sockaddr *)&any, sizeof(any)))
		die("cannot bind a socket: %m");
	for (i = 0; i < f->groups; i++)
		if (setsockopt(ep->ears, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &f->group[i],
			       sizeof(f->group[i])))
			die("cannot join group %u: %m", f->group[i]);
	if (i > 1)
		setsockopt(ep->ears, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &f->group[0],
			   sizeof(f->group[0]));
}

static void hear(struct episode *ep)
{
	static uint8_t buffer[1 << 16];

	while (ep->ears >= 0 && (recv(ep->ears, buffer, sizeof(buffer), MSG_DONTWAIT) >= 0 ||
				 errno == ENOBUFS))
		count(&sums->heard);
}

static void act(struct episode *ep, struct rng *r, struct dialogue *d)
{
	if (one_in(r, 20))
		hear(ep);
	if (one_in(r, 50))
		listen_or_not(ep);
	if (one_in(r, 150))
		reopen(ep, d);
	if (one_in(r, 60))
		make_again(d, &shapes[below(r, SHAPES)]);
	if (ep->world == WORLD_NET && one_in(r, 300))
		change_namespace(ep, d);
}

/* --- the messages --- */

static void next_message(struct episode *ep, struct rng *r, uint64_t number, struct dialogue *d,
			 struct lineage *l)
{
	const struct maker *mk = &ep->run->maker;

	if (!ep->kcov || !one_in(r, 2) || !corpus_change(ep->corpus, mk, number, &d->m, l)) {
		make_message(mk, number, &d->m);
		*l = (struct lineage){ 1, { number } };
	}
	lineage_print(l, d->name, sizeof(d->name));
}

/* Some dumps go on while other sockets send, and some are never taken. */
static void answer(struct episode *ep, struct rng *r, struct dialogue *d)
{
	bool dump = d->m.len >= NLMSG_HDRLEN && is_dump((struct nlmsghdr *)d->m.data);

	if (dump && one_in(r, 16)) {
		dialogue_peek(d);
		reopen(ep, d);
		count(&sums->closed);
	} else if (!dump || !one_in(r, 8)) {
		dialogue_judge(d);
	}
}

static void step(struct episode *ep, uint64_t number)
{
	struct lineage l;
	struct dialogue *d;
	struct rng r;

	rng_init(&r, ep->run->maker.seed, number, STREAM_ACT);
	d = &ep->d[below(&r, SOCKETS)];
	dialogue_judge(d);
	act(ep, &r, d);
	next_message(ep, &r, number, d, &l);
	kcov_begin();
	dialogue_send(d);
	answer(ep, &r, d);
	if (kcov_end(ep->run->reached))
		corpus_keep(ep->corpus, &d->m, &l);
}

/* For whoever reads the log of a kernel that went down. */
static void leave_mark(uint64_t episode, enum world world)
{
	FILE *log = fopen("/dev/kmsg", "w");

	if (!log)
		return;
	fprintf(log, "fuzz: from message %llu on, world %d\n",
		(unsigned long long)episode * EPISODE, world);
	fclose(log);
}

static void run_episode(const struct run *run, struct corpus *corpus, uint64_t episode)
{
	static struct episode ep;
	uint64_t n = episode * EPISODE, end = n + EPISODE;

	ep = (struct episode){ .run = run, .corpus = corpus, .ears = -1, .home = -1 };
	ep.world = world_of(run, episode);
	leave_mark(episode, ep.world);
	ep.kcov = kcov_open();
	if (ep.kcov)
		count(&sums->kcov);
	enter(&ep);
	for (size_t i = 0; i < SOCKETS; i++) {
		ep.d[i].fd = -1;
		reopen(&ep, &ep.d[i]);
	}
	make_tables(&ep.d[0]);
	for (; n < end && n < run->count; n++)
		step(&ep, n);
	for (size_t i = 0; i < SOCKETS; i++)
		dialogue_judge(&ep.d[i]);
	hear(&ep);
	count(&sums->episodes);
}

static void fork_episode(const struct run *run, struct corpus *corpus, uint64_t episode)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %m");
	if (!pid) {
		run_episode(run, corpus, episode);
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status)) {
		count(&sums->findings);
		printf("finding: the episode from message %llu on ended early (status %#x)\n",
		       (unsigned long long)episode * EPISODE, status);
		fflush(stdout);
	}
}

void work(const struct run *run, unsigned int worker)
{
	struct corpus *corpus = corpus_new();
	time_t end = time(NULL) + run->seconds;
	uint64_t episode;

	for (episode = worker; episode * EPISODE < run->count; episode += run->workers) {
		if (run->seconds && time(NULL) >= end)
			break;
		fork_episode(run, corpus, episode);
		if (episode % 25 == 24)
			fprintf(stderr, "fuzz: %llu messages, %u places reached, %llu findings\n",
				(unsigned long long)sums->sent, reached_count(run->reached),
				(unsigned long long)sums->findings);
	}
}

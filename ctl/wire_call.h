/* SPDX-License-Identifier: GPL-2.0 */
/* What the wire_*.c files share, and nobody else sees. */
#ifndef TRIPCTL_WIRE_CALL_H
#define TRIPCTL_WIRE_CALL_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdarg.h>

#include "wire.h"

#define REQUEST_SIZE	(16 * 1024)	/* of a request without a bulk */

#define ATTRS_MAX	63		/* no set has a higher one: they are bits of a "has" */

/* The attributes of a message or of a nest; tb has the last of each kind. */
struct wire_attrs {
	struct nlattr	*tb[ATTRS_MAX + 1];
	struct nlattr	*first;		/* to walk those that come more than once */
	int		len;
};

/* Called for each reply. Returns 0 or a negative errno, which ends the call. */
typedef int (*wire_reply)(struct wire *w, const struct wire_attrs *r, void *arg);

/* A request under construction; msg is NULL when memory ran out. */
struct wire_msg {
	struct nl_msg	*msg;
	uint8_t		cmd;
	int		failed;		/* an attribute found no room */
};

/* A new socket, connected to generic netlink. */
int wire_socket(struct wire *w, struct nl_sock **sock);

int wire_begin(struct wire *w, struct wire_msg *m, uint8_t cmd, int flags, size_t size);
void wire_put(struct wire_msg *m, int attr, const void *data, size_t len);
void wire_put_str(struct wire_msg *m, int attr, const char *text);
void wire_put_u8(struct wire_msg *m, int attr, uint8_t v);
void wire_put_u16(struct wire_msg *m, int attr, uint16_t v);
void wire_put_u32(struct wire_msg *m, int attr, uint32_t v);
void wire_put_u64(struct wire_msg *m, int attr, uint64_t v);
/*
 * Send, take replies until the request is done, free the message. A dump that
 * is not through after timeout_ms (0: never) ends with -ETIMEDOUT.
 */
int wire_call(struct wire *w, struct wire_msg *m, wire_reply reply, void *arg,
	      uint64_t timeout_ms);
/* A bucket's chain, from the attribute that holds its links. */
void wire_chain(const struct wire_attrs *r, int attr, struct bucket *b);

/* A request of no more than a string (none if NULL). */
int wire_simple(struct wire *w, uint8_t cmd, int flags, int attr, const char *text,
		wire_reply reply, void *arg);

/* Note a problem that the tool itself sees; returns code negated. */
int wire_fail(struct wire *w, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int wire_fail_nl(struct wire *w, int nl_error, const char *doing);

/* How attributes fill a struct: one row each, so that a message is a table. */
enum wire_kind { W_U8, W_U16, W_U32, W_U64, W_STR };

struct wire_field {
	uint16_t	attr;
	uint8_t		kind;
	uint16_t	offset;
	uint16_t	size;		/* W_STR: of the array */
};

#define WIRE_FIELD(_attr, _kind, _struct, _member) \
	{ (_attr), (_kind), offsetof(struct _struct, _member), \
	  sizeof(((struct _struct *)0)->_member) }

/*
 * Attributes that are absent or too short leave their member as it is. Returns
 * the "has" of those that came, nests included.
 */
uint64_t wire_fill(const struct wire_field *fields, size_t n, const struct wire_attrs *r,
		   void *to);
/* Calls each for every attribute of that kind, in order. */
void wire_each(const struct wire_attrs *r, int attr,
	       void (*each)(void *arg, const struct nlattr *a), void *arg);
/* What is nested in an attribute; false when it cannot be read. */
bool wire_nest(const struct nlattr *a, struct wire_attrs *nest);
/* The same as text; an attribute that is absent leaves it as it is. */
void wire_text(const struct nlattr *a, char *to, size_t size);
/* At most size bytes of a binary attribute; returns how many. */
size_t wire_bytes(const struct nlattr *a, void *to, size_t size);

#endif /* TRIPCTL_WIRE_CALL_H */

/*
 * wire.h - messages between the program, its launcher and the keepers
 *
 * A message is one packet of a local socket: a head, texts that end with NUL, and
 * descriptors beside it.  Both ends are the same program, so a head is a struct.
 */
#ifndef LAM_SANDBOX_WIRE_H
#define LAM_SANDBOX_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define LAM_WIRE_MAX ((size_t)128 << 10) /* bytes of a packet */
#define LAM_WIRE_FDS 4

enum lam_wire_kind {
	LAM_WIRE_SPAWN, /* to the launcher, with the socket of the sandbox */
	/* To a keeper. */
	LAM_WIRE_RUN,
	LAM_WIRE_DEADLINE,
	LAM_WIRE_KILL,
	LAM_WIRE_END, /* with descriptors that stay open until the end */
	LAM_WIRE_FREEZE,
	LAM_WIRE_QUOTA,
	LAM_WIRE_ASK
};

struct lam_wire_head {
	enum lam_wire_kind kind;
	int64_t value; /* deadline, time to end, on or off */
	/* SPAWN: the texts are dir, path, readable ones and layers. */
	uint32_t nlayers;
	uint64_t memory, scratch;
	unsigned tiers;
	uint16_t port;
	bool quota, net, api;
	/* RUN: the texts are arguments, then environment. */
	bool given[LAM_WIRE_FDS]; /* its descriptors, in order */
	bool hold;
	uint32_t ntexts, narguments;
};

/* Two ends that keep packets whole; closed on exec. */
int lam_wire_pair(int fd[2], struct lam_error *e) LAM_MUST;

/* LAM_USAGE: longer than LAM_WIRE_MAX.  A peer that is gone is LAM_NOTHING. */
int lam_wire_send(int fd, const void *p, size_t n, const int *fds, size_t nfds,
	struct lam_error *e) LAM_MUST;

struct lam_wire_packet {
	size_t n, nfds;
	int fd[LAM_WIRE_FDS];
	char *p; /* LAM_WIRE_MAX bytes of the caller */
};

/* LAM_NOTHING: the peer is gone; or, with DONTWAIT, none is there: *AGAIN. */
int lam_wire_receive(int fd, struct lam_wire_packet *m, bool dontwait,
	bool *again, struct lam_error *e) LAM_MUST;
void lam_wire_close_fds(struct lam_wire_packet *m);

/* Texts behind the head: appended to B; and taken apart again, TEXT[N] pointing
 * into the packet.  False: they are not N whole texts. */
void lam_wire_put_texts(struct lam_buf *b, const char *const *text, uint32_t *n);
bool lam_wire_texts(const struct lam_wire_packet *m, char **text, size_t n);

#endif

/*
 * ns.h - namespaces: processes, mounts, IPC and network of a sandbox's own
 *
 * The keeper is process 1 there.  A user namespace comes with them, so an ordinary
 * user has them, and root has no right in them over anything outside.
 */
#ifndef LAM_SANDBOX_NS_H
#define LAM_SANDBOX_NS_H

#include <sys/types.h>

#include "base/err.h"
#include "sandbox/box.h"

/* fork(2) into new ones; NET: the network too.  < 0: errno. */
pid_t lam_ns_fork(bool net);

/* In the child, before anything else: it is the user that it was. */
int lam_ns_user(const struct lam_box *box, struct lam_error *e) LAM_MUST;

/*
 * Then: mounts that are read-only but for tmpfs on
 * /tmp, /dev/shm and /run, a /proc of its own, and a loopback.  box->scratch is then
 * where scratch is: /tmp, if that is not one of the box's places.
 */
int lam_ns_enter(struct lam_box *box, struct lam_error *e) LAM_MUST;

/* Within: the mounts at and below PATH are read-only. */
int lam_ns_read_only(const char *path, struct lam_error *e) LAM_MUST;

/* Within, when all is mounted: the layers are at /opt. */
int lam_ns_layers(const struct lam_box *box, struct lam_error *e) LAM_MUST;

/* A listening socket on 127.0.0.1:9001 of this network; < 0: errno. */
int lam_ns_listen(void);

#endif

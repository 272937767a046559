/*
 * landlock.c - a table of places and rights
 *
 * The kernel's header of the build machine may be older than the kernel: what came
 * after ABI 2 is spelled out here.
 */
#include "sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FS_ABI1 ((UINT64_C(1) << 13) - 1)
#define FS_REFER (UINT64_C(1) << 13)	 /* ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)	 /* ABI 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */
#define NET_TCP UINT64_C(3)		 /* ABI 4: bind, connect */
#define NET_CONNECT UINT64_C(2)
#define SCOPES UINT64_C(3) /* ABI 6: abstract sockets, signals */

#define READ (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | \
	LANDLOCK_ACCESS_FS_READ_DIR)
#define DEVICE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	FS_TRUNCATE)
/* What a file, as opposed to a directory, can be given. */
#define FILE_RIGHTS (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | \
	LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

struct ruleset {
	uint64_t fs, net, scoped;
};

struct port_rule {
	uint64_t rights, port;
};

#define RULE_NET_PORT 2

static const struct {
	const char *path;
	uint64_t rights;
} system_places[] = {
	{ "/usr", READ }, { "/bin", READ }, { "/sbin", READ }, { "/lib", READ },
	{ "/lib32", READ }, { "/lib64", READ }, { "/libx32", READ },
	{ "/etc", READ }, { "/opt", READ }, { "/nix/store", READ },
	{ "/proc", READ }, { "/sys", READ },
	{ "/dev/null", DEVICE }, { "/dev/zero", DEVICE }, { "/dev/full", DEVICE },
	{ "/dev/random", DEVICE }, { "/dev/urandom", DEVICE },
};

int
lam_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

/* A place that is not there needs no right. */
static int
allow(int rules, const char *path, uint64_t rights, struct lam_error *e)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = -1 };
	struct stat st;
	int rc = LAM_OK;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return LAM_OK;
	rule.allowed_access = rights;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= FILE_RIGHTS;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) < 0)
		rc = lam_fail_sys(e, "Landlock: %s", path);
	close(rule.parent_fd);
	return rc;
}

static int
add_rules(int rules, const struct lam_box *box, const struct ruleset *handled,
	struct lam_error *e)
{
	struct port_rule port = { NET_CONNECT, box->spec.port };
	int rc = LAM_OK;

	for (size_t i = 0; !rc && i < sizeof system_places /
		sizeof *system_places; i++)
		rc = allow(rules, system_places[i].path,
			system_places[i].rights & handled->fs, e);
	for (size_t i = 0; !rc && box->place[i] != NULL; i++)
		rc = allow(rules, box->place[i], READ, e);
	if (!rc)
		rc = allow(rules, box->scratch, handled->fs, e);
	if (!rc && box->tiers & LAM_TIER_NS) /* a tmpfs of its own */
		rc = allow(rules, "/dev/shm", handled->fs, e);
	if (!rc && handled->net && port.port && syscall(SYS_landlock_add_rule,
		rules, RULE_NET_PORT, &port, 0) < 0)
		rc = lam_fail_sys(e, "Landlock: port");
	return rc;
}

int
lam_landlock_restrict(const struct lam_box *box, struct lam_error *e)
{
	int abi = lam_landlock_abi(), rc, rules;
	struct ruleset handled = { .fs = FS_ABI1 };
	size_t size = sizeof handled.fs;

	handled.fs |= (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
		(abi >= 5 ? FS_IOCTL_DEV : 0);
	if (abi >= 4) {
		size = sizeof handled.fs + sizeof handled.net;
		handled.net = box->spec.net || box->tiers & LAM_TIER_NET ? 0 :
			NET_TCP;
	}
	if (abi >= 6) {
		size = sizeof handled;
		handled.scoped = SCOPES;
	}
	rules = (int)syscall(SYS_landlock_create_ruleset, &handled, size, 0);
	if (rules < 0)
		return lam_fail_sys(e, "Landlock");
	rc = add_rules(rules, box, &handled, e);
	if (!rc && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		rc = lam_fail_sys(e, "Landlock");
	close(rules);
	return rc;
}

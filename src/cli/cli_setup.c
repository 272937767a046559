/*
 * cli_setup.c - what a process needs before it begins: standard descriptors, a stack,
 * the dataset and the resources that its work may take
 */
#include "cli/cli_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "cli/task.h"
#include "reference/reference.h"
#include "time/zone.h"

#define STACK_BYTES (256u << 10) /* of each thread, with a margin */

void
lam_cli_open_standard(void)
{
	static const int wrong[3] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", wrong[fd]);
}

void
lam_cli_raise_files(void)
{
	struct rlimit r;

	if (!getrlimit(RLIMIT_NOFILE, &r) && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

void
lam_cli_find_zones(void)
{
	const char *dir = getenv("TZDIR");

	if (dir && *dir)
		lam_zone_set_dir(dir);
}

const char *lam_cli_agents, *lam_cli_geo;

static void
find_reference(enum lam_reference_kind kind, const char *option,
	const char *variable)
{
	const char *path = option ? option : getenv(variable);

	if (path && *path)
		lam_reference_set(kind, path);
}

void
lam_cli_find_references(void)
{
	find_reference(LAM_REFERENCE_AGENTS, lam_cli_agents, "LAM_AGENTS");
	find_reference(LAM_REFERENCE_GEO, lam_cli_geo, "LAM_GEO");
}

/*
 * A stack that may not grow as far as we go would end us without a word.  The
 * limit is raised if that is allowed; threads are made with it too.  Before
 * main, whose own variables may be too much.
 */
__attribute__((constructor)) static void
need_stack(void)
{
	static const char needed[] = ": the stack is limited to less than 256 "
		"KiB, which are needed: ulimit -s 256\n";
	struct rlimit r;
	pthread_attr_t how;

	if (getrlimit(RLIMIT_STACK, &r) || r.rlim_cur >= STACK_BYTES)
		return;
	if (r.rlim_max < STACK_BYTES)
		r.rlim_max = STACK_BYTES; /* root may */
	r.rlim_cur = STACK_BYTES;
	if (setrlimit(RLIMIT_STACK, &r)) {
		/* With what is left of the stack: not by way of printf. */
		if (write(STDERR_FILENO, program_invocation_short_name,
			strlen(program_invocation_short_name)) > 0 &&
			write(STDERR_FILENO, needed, sizeof needed - 1) > 0) {
			/* Told. */
		}
		_exit(LAM_SYSTEM);
	}
	if (pthread_attr_init(&how))
		return;
	if (!pthread_attr_setstacksize(&how, STACK_BYTES))
		(void)pthread_setattr_default_np(&how);
	pthread_attr_destroy(&how);
}

const char *
lam_cli_dataset(const char *option)
{
	const char *data = option ? option : getenv("LAM_DATA");

	return data && *data ? data : NULL;
}

const char *
lam_cli_data(const char *option)
{
	const char *data = lam_cli_dataset(option);

	if (!data) {
		lam_cli_warn("no dataset: give -d DIR or set LAM_DATA");
		exit(LAM_USAGE);
	}
	return data;
}

/* The limit in FILE, of a control group, or MOST if it is lower or there is none. */
static uint64_t
group_limit(const char *file, uint64_t most)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);
	uint64_t limit;

	if (fd >= 0)
		close(fd);
	if (n > 0 && text[n - 1] == '\n')
		n--;
	/* else it is "max" */
	return n > 0 && lam_str_u64((struct lam_str){ text, (size_t)n },
		&limit) && limit < most ? limit : most;
}

/* A quarter of the memory that there is for a process: of the machine, a container
 * or ulimit -v. */
static uint64_t
quarter_of_memory(void)
{
	uint64_t most = (uint64_t)sysconf(_SC_PHYS_PAGES) *
		(uint64_t)sysconf(_SC_PAGESIZE);
	struct rlimit r;

	most = group_limit("/sys/fs/cgroup/memory.max", most);
	most = group_limit("/sys/fs/cgroup/memory/memory.limit_in_bytes",
		most);
	if (!getrlimit(RLIMIT_AS, &r) && r.rlim_cur < most)
		most = r.rlim_cur;
	return most / 4;
}

struct lam_resources
lam_cli_engine(unsigned threads, uint64_t memory)
{
	const char *tmpdir = getenv("TMPDIR");
	struct lam_resources r = { .threads = threads, .memory = memory,
		.tmpdir = tmpdir && *tmpdir ? tmpdir : "/tmp" };

	lam_task_resources(&r);
	r.threads = r.threads ? r.threads : lam_pool_cpus();
	r.memory = r.memory ? r.memory : quarter_of_memory();
	return r;
}

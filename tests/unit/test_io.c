/*
 * test_io.c - files: whole reads and writes, directories, durable replacement
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/replace.h"

#include "test.h"

static struct lam_error e;

#define OK(call) CHECK_INT((call), LAM_OK)
#define FAILS(call, code, part)                                             \
	do {                                                                \
		e = (struct lam_error)LAM_ERROR_INIT;                       \
		CHECK_INT((call), (code));                                  \
		CHECK(strstr(e.msg, (part)) != NULL);                       \
		e = (struct lam_error)LAM_ERROR_INIT;                       \
	} while (0)

static mode_t
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 0777 : 0;
}

static void
test_read_write(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	char p[16] = "";
	uint64_t size = 0;
	size_t got;
	int fd = -1;

	OK(lam_io_open(&fd, "a", O_RDWR | O_CREAT | O_EXCL, &e));
	CHECK_INT(mode_of("a"), 0640);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	OK(lam_io_write(fd, "hello world", 11, "a", &e));
	OK(lam_io_pwrite(fd, "W", 1, 6, "a", &e));
	OK(lam_io_pread(fd, p, 11, 0, "a", &e));
	CHECK_STR(p, 11, "hello World");
	FAILS(lam_io_pread(fd, p, 4, 8, "a", &e), LAM_DATA, "a: ends at");
	FAILS(lam_io_pread(fd, p, 4, UINT64_MAX, "a", &e), LAM_DATA, "a: ");
	OK(lam_io_size(fd, &size, "a", &e));
	CHECK_INT(size, 11);
	OK(lam_io_read(fd, p, 4, &got, "a", &e));
	CHECK_INT(got, 0);
	OK(lam_io_sync(fd, "a", &e));
	OK(lam_io_close(&fd, "a", &e));
	CHECK_INT(fd, -1);
	lam_buf_puts(&b, ">");
	OK(lam_io_slurp("a", 11, &b, &e));
	CHECK_STR(b.p, b.n, ">hello World");
	FAILS(lam_io_slurp("a", 10, &b, &e), LAM_DATA, "a: larger than 10");
	FAILS(lam_io_slurp("none", 10, &b, &e), LAM_SYSTEM, "none: cannot open");
	FAILS(lam_io_slurp(".", 10, &b, &e), LAM_SYSTEM, "directory");
	lam_buf_release(&b);
}

static void
test_links(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	int fd = -1;

	CHECK(symlink("a", "link") == 0);
	FAILS(lam_io_open(&fd, "link", O_RDONLY, &e), LAM_DATA,
		"link: is a symbolic link");
	FAILS(lam_io_slurp("link", 100, &b, &e), LAM_DATA, "symbolic link");
	OK(lam_io_slurp_given("link", 100, &b, &e));
	CHECK_STR(b.p, b.n, "hello World");
	lam_buf_release(&b);
	FAILS(lam_io_no_link("link", &e), LAM_DATA, "symbolic link");
	OK(lam_io_no_link("a", &e));
	OK(lam_io_no_link("none", &e));
	CHECK(lam_io_exists("link") && !lam_io_exists("none"));
	OK(lam_io_unlink("link", &e));
	OK(lam_io_unlink("link", &e));
	CHECK(lam_io_exists("a"));
	FAILS(lam_io_unlink("a/b", &e), LAM_SYSTEM, "a/b: cannot remove");
}

/* A root may be reached through a link; what is below it may not be one. */
static void
test_below(void)
{
	CHECK(mkdir("away", 0700) == 0 && symlink("away", "root") == 0);
	OK(lam_io_mkdir_below("root", "root/x/y", &e));
	CHECK(access("away/x/y", F_OK) == 0);
	CHECK_INT(mode_of("away/x/y"), 0750);
	OK(lam_io_mkdir_below("root/", "root//x/z", &e));
	CHECK(access("away/x/z", F_OK) == 0);
	OK(lam_io_mkdir_below("made", "made/x", &e));
	CHECK(symlink("../away", "made/link") == 0);
	FAILS(lam_io_mkdir_below("made", "made/link", &e), LAM_DATA,
		"made/link: is a symbolic link");
	FAILS(lam_io_mkdir_below("made", "made/link/x/y", &e), LAM_DATA,
		"made/link: is a symbolic link");
	CHECK(symlink("nowhere", "made/x/link") == 0);
	FAILS(lam_io_mkdir_below("made", "made/x/link", &e), LAM_DATA,
		"made/x/link: is a symbolic link");
	CHECK(access("made/x/nowhere", F_OK) != 0);
}

/* A pipe whose reader takes a byte at a time: writes must go on. */
static void *
drain(void *arg)
{
	static char seen[300000];
	size_t n = 0;
	ssize_t k;

	while ((k = read(*(int *)arg, seen + n, 1000)) > 0)
		n += (size_t)k;
	return (void *)n;
}

static void
test_short_writes(void)
{
	static char data[300000];
	pthread_t reader;
	void *n = NULL;
	int fd[2];

	CHECK(pipe(fd) == 0);
	pthread_create(&reader, NULL, drain, &fd[0]);
	OK(lam_io_write(fd[1], data, sizeof data, "pipe", &e));
	close(fd[1]);
	pthread_join(reader, &n);
	CHECK_INT((size_t)n, sizeof data);
	close(fd[0]);
	fd[1] = open("/dev/full", O_WRONLY);
	FAILS(lam_io_write(fd[1], data, 10, "full", &e), LAM_SYSTEM,
		"full: cannot write: No space");
	close(fd[1]);
}

static void
test_directories(void)
{
	struct lam_names names;

	OK(lam_io_mkdir("d/e//f/", &e));
	OK(lam_io_mkdir("d/e/f", &e));
	CHECK_INT(mode_of("d/e"), 0750);
	FAILS(lam_io_mkdir("a/x", &e), LAM_SYSTEM, "a: cannot make");
	FAILS(lam_io_mkdir("/proc/no/such", &e), LAM_SYSTEM, "/proc/no");
	OK(lam_io_list("none", "", &names, &e));
	CHECK_INT(names.n, 0);
	for (int i = 0; i < 40; i++) {
		char path[64];
		FILE *f;

		snprintf(path, sizeof path, "d/%d.%s", i * 7 % 40,
			i % 2 ? "seg" : "idx");
		f = fopen(path, "w");
		FAIL_IF(f == NULL || fclose(f) != 0, "%s", path);
	}
	PASS("files made");
	OK(lam_io_list("d", ".seg", &names, &e));
	CHECK_INT(names.n, 20);
	for (size_t i = 1; i < names.n; i++)
		FAIL_IF(strcmp(names.name[i - 1], names.name[i]) >= 0, "order");
	PASS("sorted bytewise");
	lam_names_release(&names);
	OK(lam_io_list("d", "", &names, &e));
	CHECK_INT(names.n, 41);
	lam_names_release(&names);
	FAILS(lam_io_list("a", "", &names, &e), LAM_SYSTEM, "a: cannot list");
}

static void
write_all(struct lam_replace *r, const char *s)
{
	OK(lam_io_write(r->fd, s, strlen(s), r->temp, &e));
}

static void
check_content(const char *path, const char *want)
{
	struct lam_buf b = LAM_BUF_INIT;

	OK(lam_io_slurp(path, 100, &b, &e));
	CHECK_STR(b.p, b.n, want);
	lam_buf_release(&b);
}

static void
test_replace(void)
{
	struct lam_replace r, r2;
	struct lam_names names;

	OK(lam_replace_begin(&r, "d/e/file", &e));
	OK(lam_replace_begin(&r2, "d/e/file", &e));
	CHECK(strcmp(r.temp, r2.temp) != 0);
	write_all(&r, "one");
	write_all(&r2, "two");
	CHECK(!lam_io_exists("d/e/file"));
	OK(lam_replace_commit(&r, &e));
	check_content("d/e/file", "one");
	CHECK_INT(mode_of("d/e/file"), 0640);
	OK(lam_replace_commit(&r2, &e));
	check_content("d/e/file", "two");
	lam_replace_abandon(&r2);
	check_content("d/e/file", "two");
	OK(lam_replace_begin(&r, "d/e/file", &e));
	write_all(&r, "three");
	lam_replace_abandon(&r);
	check_content("d/e/file", "two");
	OK(lam_io_list("d/e", "", &names, &e));
	CHECK_INT(names.n, 2); /* f, file */
	lam_names_release(&names);
	OK(lam_replace_begin(&r, "plain", &e));
	OK(lam_replace_commit(&r, &e));
	CHECK(lam_io_exists("plain"));
	FAILS(lam_replace_begin(&r, "none/file", &e), LAM_SYSTEM, "none/file");
	CHECK(r.fd == -1);
	FAILS(lam_replace_begin(&r, "d/e/f", &e), LAM_USAGE, "is not replaced");
	CHECK(r.fd == -1);
	/* A directory that came into the way: the rename fails, nothing stays. */
	OK(lam_replace_begin(&r, "d/e/g", &e));
	CHECK_INT(mkdir("d/e/g", 0700), 0);
	FAILS(lam_replace_commit(&r, &e), LAM_SYSTEM, "cannot rename");
	CHECK_INT(rmdir("d/e/g"), 0);
	OK(lam_io_list("d/e", "", &names, &e));
	CHECK_INT(names.n, 2);
	lam_names_release(&names);
}

/* An empty temporary s/NAME.tmp.PID, with what follows the PID. */
static void
touch(const char *name, pid_t pid, const char *rest)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "s/%s.tmp.%ld%s", name, (long)pid, rest);
	f = fopen(path, "w");
	CHECK(f != NULL && fclose(f) == 0);
}

static void
test_sweep(void)
{
	struct lam_replace mine;
	struct lam_names names;
	char path[64];
	pid_t dead = fork();
	int fd;

	if (dead == 0)
		_exit(0);
	waitpid(dead, NULL, 0);
	OK(lam_io_mkdir("s", &e));
	OK(lam_replace_begin(&mine, "s/mine", &e));
	touch("stray", dead, "-0");
	touch("locked", dead, "-1");
	touch("tail", dead, "-0x");
	touch("data", dead, "");
	snprintf(path, sizeof path, "s/locked.tmp.%ld-1", (long)dead);
	fd = open(path, O_RDONLY);
	flock(fd, LOCK_EX);
	OK(lam_io_sweep("s", &e));
	OK(lam_io_list("s", "", &names, &e));
	CHECK_INT(names.n, 4); /* all but the stray */
	CHECK(names.n > 1 && strncmp(names.name[1], "locked", 6) == 0);
	lam_names_release(&names);
	close(fd);
	OK(lam_io_sweep("s", &e));
	OK(lam_io_list("s", "", &names, &e));
	CHECK_INT(names.n, 3);
	lam_names_release(&names);
	OK(lam_replace_commit(&mine, &e));
	OK(lam_io_sweep("none", &e));
}

/*
 * Instead of the C library's: is the temporary locked while it is renamed?
 * Another container, which does not see our PID, sweeps by that alone.
 */
static int unlocked, renamed;

int
rename(const char *from, const char *to)
{
	int fd = open(from, O_RDONLY);

	renamed++;
	unlocked += fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* Two containers may have the same PID, and not see each other's processes. */
static void
test_same_pid(void)
{
	struct lam_replace mine;
	struct lam_names names;
	char path[64];
	int fd, before = renamed;

	OK(lam_io_mkdir("s/pid", &e));
	touch("pid/x", getpid(), "-0");
	snprintf(path, sizeof path, "s/pid/x.tmp.%ld-0", (long)getpid());
	fd = open(path, O_RDONLY);
	flock(fd, LOCK_EX);
	OK(lam_replace_begin(&mine, "s/pid/x", &e)); /* has another name */
	CHECK(strcmp(mine.temp, path) != 0);
	OK(lam_io_sweep("s/pid", &e)); /* both are alive */
	CHECK(lam_io_exists(path) && lam_io_exists(mine.temp));
	close(fd);
	OK(lam_io_sweep("s/pid", &e)); /* that one died: it is not ours */
	CHECK(!lam_io_exists(path) && lam_io_exists(mine.temp));
	OK(lam_replace_commit(&mine, &e));
	CHECK(renamed > before && unlocked == 0);
	OK(lam_io_list("s/pid", "", &names, &e));
	CHECK_INT(names.n, 1);
	lam_names_release(&names);
}

static void
test_lock(void)
{
	int fd = -1, other;

	OK(lam_io_lock(&fd, "lock", &e));
	other = open("lock", O_RDWR);
	CHECK(flock(other, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK);
	close(fd);
	CHECK(flock(other, LOCK_EX | LOCK_NB) == 0);
	close(other);
	FAILS(lam_io_lock(&fd, "none/lock", &e), LAM_SYSTEM, "none/lock");
}

static void
test_path(void)
{
	char p[8], r[2][16] = { "", "" };

	OK(lam_io_path(p, sizeof p, &e, "%s/%s", "abc", "def"));
	CHECK_STR(p, strlen(p), "abc/def");
	FAILS(lam_io_path(p, sizeof p, &e, "%s/%s", "abc", "defg"), LAM_USAGE,
		"longer than 7");
	OK(lam_io_random(r[0], 16, &e));
	OK(lam_io_random(r[1], 16, &e));
	CHECK(memcmp(r[0], r[1], 16) != 0);
}

int
main(void)
{
	char dir[] = "/tmp/lam-test-io-XXXXXX", rm[64];

	umask(022);
	if (mkdtemp(dir) == NULL || chdir(dir) != 0)
		return 1;
	test_read_write();
	test_links();
	test_below();
	test_short_writes();
	test_directories();
	test_replace();
	test_sweep();
	test_same_pid();
	test_lock();
	test_path();
	snprintf(rm, sizeof rm, "rm -rf %s", dir);
	CHECK(chdir("/") == 0 && system(rm) == 0);
	return DONE();
}

/*
 * test_lambda.c - invocations of a handler: answers, errors, ends, warmth
 *
 * The handler is in Python, under the bootstrap that is shipped.  All is done with
 * every tier of the machine, and with none of them.
 */
#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "lambda/environment.h"

#define MS INT64_C(1000000)

static char root[] = "/tmp/lam-test-lambda.XXXXXX";

static const char app[] =
	"import os, sys, threading, time\n"
	"calls = 0\n"
	"def handler(event, context):\n"
	"    global calls\n"
	"    calls += 1\n"
	"    do = event['do']\n"
	"    if do == 'calls': return calls\n"
	"    if do == 'echo': return event\n"
	"    if do == 'raise': raise ValueError('no good')\n"
	"    if do == 'sleep': time.sleep(event['s'])\n"
	"    if do == 'exit': os._exit(7)\n"
	"    if do == 'big': return 'x' * event['n']\n"
	"    if do == 'die': threading.Timer(0.005, os._exit, [1]).start()\n"
	"    if do == 'id': return context.aws_request_id\n"
	"    if do == 'left': return context.get_remaining_time_in_millis()\n"
	"    if do == 'pid': return os.getpid()\n"
	"    if do == 'hold': return len(b'x' * event['n'])\n";

struct call {
	struct lam_invocation i;
	char id[40], event[200], body[3000];
	struct lam_invocation_result r;
	bool done;
};

/* An environment, made when there is none that can take an invocation. */
struct place {
	struct lam_environment_config config;
	struct lam_environment environment;
	bool open;
};

static struct lam_loop loop = LAM_LOOP_INIT;
static struct lam_launcher launcher;
static struct lam_error e = LAM_ERROR_INIT;

static int
on_done(void *arg, const struct lam_invocation_result *r, struct lam_error *err)
{
	struct call *c = arg;

	(void)err;
	c->r = *r;
	c->done = true;
	snprintf(c->body, sizeof c->body, "%.*s", (int)(r->body.n < 2999 ?
		r->body.n : 2999), r->body.n ? r->body.p : "");
	return LAM_OK;
}

static void
discard(struct place *w)
{
	if (w->open)
		lam_environment_close(&w->environment, -1);
	w->open = false;
}

static int
begin(struct place *w, struct call *c, const char *event, int64_t timeout)
{
	static int count;

	c->done = false;
	snprintf(c->id, sizeof c->id, "00000000-0000-0000-0000-%012d", ++count);
	snprintf(c->event, sizeof c->event, "%s", event);
	c->i = (struct lam_invocation){ c->id, { c->event, strlen(c->event) },
		timeout, on_done, c };
	if (w->open && w->environment.state == LAM_ENVIRONMENT_ENDED)
		discard(w);
	if (!w->open && lam_environment_open(&w->environment, &w->config, &e))
		return e.code;
	w->open = true;
	return lam_environment_invoke(&w->environment, &c->i, &e);
}

static void
await(struct call *c)
{
	int64_t end = lam_clock_monotonic() + 30000 * MS;

	while (!c->done && lam_clock_monotonic() < end &&
		!lam_loop_turn(&loop, 1000 * MS, NULL, &e))
		;
	if (e.code)
		printf("# %s\n", e.msg);
}

static void
invoke(struct place *w, struct call *c, const char *event, int64_t timeout)
{
	CHECK_INT(begin(w, c, event, timeout), LAM_OK);
	await(c);
	if (!c->done) /* a failure that was told, or nobody to wait for */
		exit(1);
}

static void
check_answers(struct place *w)
{
	struct call c;

	invoke(w, &c, "{\"do\": \"echo\", \"n\": [1, 2]}", 0);
	CHECK_INT(c.r.how, LAM_INVOKED);
	CHECK_STR(c.body, strlen(c.body), "{\"do\": \"echo\", \"n\": [1, 2]}");
	CHECK(c.r.init > 0);
	invoke(w, &c, "{\"do\": \"calls\"}", 0);
	CHECK_STR(c.body, strlen(c.body), "2");
	CHECK_INT(c.r.init, 0);
	CHECK(c.r.memory > 5 << 20 && c.r.memory < 60 << 20);
	invoke(w, &c, "{\"do\": \"raise\"}", 0);
	CHECK_INT(c.r.how, LAM_INVOKED_ERROR);
	CHECK(strstr(c.body, "\"errorType\": \"ValueError\"") != NULL);
	invoke(w, &c, "{\"do\": \"id\"}", 0);
	CHECK(!strncmp(c.body + 1, c.id, strlen(c.id)));
	invoke(w, &c, "{\"do\": \"left\"}", 5000 * MS);
	CHECK(atoi(c.body) > 4000 && atoi(c.body) <= 5000);
	invoke(w, &c, "{\"do\": \"calls\"}", 0);
	CHECK_STR(c.body, strlen(c.body), "6");
	CHECK_INT(w->environment.invocations, 6);
}

static void
check_ends(struct place *w)
{
	struct call c;

	invoke(w, &c, "{\"do\": \"sleep\", \"s\": 100}", 100 * MS);
	CHECK_INT(c.r.how, LAM_INVOKED_TIMEOUT);
	CHECK(strstr(c.body, "Task timed out after 0.10 seconds") != NULL);
	CHECK(strstr(c.body, c.id) != NULL);
	invoke(w, &c, "{\"do\": \"exit\"}", 0);
	CHECK_INT(c.r.how, LAM_INVOKED_CRASH);
	CHECK(strstr(c.body, "exit status 7") != NULL);
	invoke(w, &c, "{\"do\": \"hold\", \"n\": 300000000}", 0);
	CHECK_INT(c.r.how, launcher.tiers & LAM_TIER_MEMORY ? LAM_INVOKED_OOM :
		LAM_INVOKED_ERROR); /* MemoryError: its limit of data */
	invoke(w, &c, "{\"do\": \"big\", \"n\": 100000}", 0);
	CHECK_INT(c.r.how, LAM_INVOKED);
	CHECK_INT(c.r.body.n, 100002);
	invoke(w, &c, "{\"do\": \"big\", \"n\": 2000000}", 0);
	CHECK_INT(c.r.how, LAM_INVOKED_ERROR);
	CHECK(strstr(c.body, "ResponseSizeTooLarge") != NULL);
	invoke(w, &c, "{\"do\": \"echo\"}", 0);
	CHECK_INT(c.r.how, LAM_INVOKED);
}

/* A runtime that ends between two invocations takes none with it. */
static void
check_lost(struct place *w)
{
	struct call c;
	bool ended = false;

	for (int i = 0; i < 100 && !ended; i++) {
		invoke(w, &c, "{\"do\": \"die\"}", 0);
		while (w->environment.state != LAM_ENVIRONMENT_ENDED &&
			!w->environment.frozen &&
			!lam_loop_turn(&loop, -1, NULL, &e))
			;
		ended = w->environment.state == LAM_ENVIRONMENT_ENDED;
		if (!ended) /* on a busy machine it was frozen before it could */
			discard(w);
	}
	CHECK(ended);
	invoke(w, &c, "{\"do\": \"echo\"}", 0);
	CHECK_INT(c.r.how, LAM_INVOKED);
}

static void
check_init(struct place *w)
{
	static const char *const no_module[] = { "./bootstrap", "none.x", NULL };
	static const char *const no_command[] = { "./none", NULL };
	static const char *const slow[] = { "sleep", "100", NULL };
	struct call c;

	discard(w);
	w->config.argv = no_module;
	invoke(w, &c, "{}", 0);
	CHECK_INT(c.r.how, LAM_INVOKED_INIT);
	CHECK(strstr(c.body, "ModuleNotFoundError") != NULL);
	w->config.argv = no_command;
	invoke(w, &c, "{}", 0);
	CHECK_INT(c.r.how, LAM_INVOKED_INIT);
	CHECK(strstr(c.body, "./none: No such file") != NULL);
	w->config.argv = slow;
	w->config.init = 100 * MS;
	invoke(w, &c, "{}", 0);
	CHECK_INT(c.r.how, LAM_INVOKED_INIT);
	CHECK(strstr(c.body, "Init timed out after 0.10 seconds") != NULL);
}

static void
check_all(unsigned deny)
{
	static const char *const argv[] = { "./bootstrap", NULL };
	static const char *const env[] = { "PYTHONDONTWRITEBYTECODE=1", NULL };
	/* What only stands for a Python may take a second to find it. */
	const char *path = access("/usr/bin/python3", X_OK) ? getenv("PATH") :
		"/usr/bin:/bin";
	struct place w = { .open = false };

	CHECK_INT(lam_launcher_start(&launcher, "/tmp", deny, &e), LAM_OK);
	CHECK_INT(lam_loop_open(&loop, &e), LAM_OK);
	w.config = (struct lam_environment_config){ .launcher = &launcher,
		.loop = &loop, .spec = { .dir = root, .path = path,
			.memory = 128 << 20, .tiers = LAM_TIERS },
		.argv = argv, .env = env, .name = "test", .version = "1", .log = -1,
		.init = 10000 * MS, .payload = 1 << 20 };
	check_answers(&w);
	check_ends(&w);
	check_lost(&w);
	check_init(&w);
	discard(&w);
	lam_loop_close(&loop);
	lam_launcher_stop(&launcher);
}

static void
put(const char *name, const char *text, size_t n, mode_t mode)
{
	char path[100];
	int fd;

	snprintf(path, sizeof path, "%s/%s", root, name);
	if (lam_io_open(&fd, path, O_CREAT | O_WRONLY, &e) ||
		lam_io_write(fd, text, n, path, &e) || fchmod(fd, mode))
		printf("# %s\n", e.msg);
	close(fd);
}

int
main(void)
{
	struct lam_buf b = LAM_BUF_INIT;
	char path[100];

	if (mkdtemp(root) == NULL || chmod(root, 0755) || lam_io_slurp_given(
		"src/blueprints/lambda-python/bootstrap", 1 << 16, &b, &e))
		return 1;
	put("bootstrap", b.p, b.n, 0755);
	put("app.py", app, sizeof app - 1, 0644);
	check_all(0);
	check_all(LAM_TIERS);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", root, i ? "app.py" :
			"bootstrap");
		unlink(path);
	}
	CHECK_INT(rmdir(root), 0);
	lam_buf_release(&b);
	return DONE();
}

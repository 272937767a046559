/*
 * progress.c - show how far the work has come
 *
 * The handler of SIGUSR1 makes the line and writes it, as does a thread each
 * second.  A handler may call neither stdio nor malloc: numbers are printed here,
 * into an array on the stack.  The two share nothing but whether a line is on the
 * terminal.
 */
#include "cli/progress.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/progress.h"
#include "cli/cli.h"

#define LINE 400
#define MEGA UINT64_C(1000000)
#define MS UINT64_C(1000) /* of a second */
#define CLEAR "\r\033[K"

bool lam_cli_progress;

static const char *program = "lam";
static const char *_Atomic what;
static _Atomic uint64_t start; /* ms */
static atomic_bool drawn;      /* a line is on the terminal */

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool runs, ended, terminal;
} ticker = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct line {
	char p[LINE];
	size_t n;
};

static uint64_t
now_ms(void)
{
	return (uint64_t)lam_clock_monotonic() / 1000000;
}

static void
put(struct line *l, const char *s)
{
	for (; *s && l->n < LINE; s++)
		l->p[l->n++] = *s;
}

/* A name may come from outside: what is not plain ASCII is a question mark. */
static void
put_name(struct line *l, const char *s)
{
	for (size_t i = 0; s[i] && i < 100 && l->n < LINE; i++)
		l->p[l->n++] = (unsigned char)s[i] < ' ' || s[i] == 0x7f ||
			((unsigned char)s[i] & 0x80) ? '?' : s[i];
}

static void
put_number(struct line *l, uint64_t v)
{
	char digit[21];
	size_t n = sizeof digit - 1;

	digit[n] = '\0';
	do
		digit[--n] = (char)('0' + v % 10);
	while (v /= 10);
	put(l, digit + n);
}

static void
put_count(struct line *l, const char *before, uint64_t v, const char *unit)
{
	put(l, before);
	put_number(l, v);
	put(l, unit);
}

/* Megabytes to a tenth. */
static void
put_bytes(struct line *l, const char *before, uint64_t v)
{
	put_count(l, before, v / MEGA, ".");
	put_number(l, v % MEGA / (MEGA / 10));
	put(l, " MB");
}

static uint64_t
load(const _Atomic uint64_t *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

/* The share of what is there, and the time that the rest takes. */
static void
put_share(struct line *l, uint64_t done, uint64_t all, uint64_t ms)
{
	if (!all || done > all)
		return;
	put_count(l, " (", (uint64_t)((lam_u128)done * 100 / all), " %)");
	if (done)
		put_count(l, ", ", (uint64_t)((lam_u128)(all - done) * ms /
			done / MS), " s left");
}

static void
make_line(struct line *l)
{
	const char *name = atomic_load(&what);
	uint64_t records = load(&lam_progress.records);
	uint64_t all_records = load(&lam_progress.all_records);
	uint64_t bytes = load(&lam_progress.bytes);
	uint64_t all_bytes = load(&lam_progress.all_bytes);
	uint64_t ms = now_ms() - load(&start) + 1;

	l->n = 0;
	put(l, program);
	put(l, ": ");
	put_name(l, name ? name : "starting");
	put_count(l, ": ", records, " records");
	if (all_records)
		put_count(l, " of ", all_records, "");
	if (bytes || all_bytes)
		put_bytes(l, ", ", bytes);
	if (all_bytes)
		put_bytes(l, " of ", all_bytes);
	put_count(l, ", ", (uint64_t)((lam_u128)records * MS / ms),
		" records/s");
	if (bytes) {
		put_bytes(l, ", ", (uint64_t)((lam_u128)bytes * MS / ms));
		put(l, "/s");
	}
	if (all_bytes)
		put_share(l, bytes, all_bytes, ms);
	else
		put_share(l, records, all_records, ms);
}

/* IN_PLACE: the next line takes its place. */
static void
show(bool in_place)
{
	struct line l;

	make_line(&l);
	lam_cli_progress_clear();
	if (!in_place)
		l.p[l.n < LINE ? l.n++ : LINE - 1] = '\n';
	if (write(STDERR_FILENO, l.p, l.n) > 0 && in_place)
		atomic_store(&drawn, true);
}

static void
on_signal(int number)
{
	int saved = errno;

	(void)number;
	show(false);
	errno = saved;
}

void
lam_cli_progress_init(const char *name)
{
	struct sigaction a = { .sa_flags = SA_RESTART };

	program = name;
	atomic_store(&start, now_ms());
	a.sa_handler = on_signal;
	sigfillset(&a.sa_mask);
	sigaction(SIGUSR1, &a, NULL);
}

static void *
tick(void *unused)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	pthread_mutex_lock(&ticker.lock);
	while (!ticker.ended) {
		t.tv_sec++;
		while (!ticker.ended && pthread_cond_timedwait(&ticker.wake,
			&ticker.lock, &t) == 0)
			;
		if (!ticker.ended)
			show(ticker.terminal);
	}
	pthread_mutex_unlock(&ticker.lock);
	return unused;
}

/* Signals are for the other threads. */
static void
start_ticker(void)
{
	pthread_condattr_t clock;
	sigset_t all, old;

	if (pthread_condattr_init(&clock))
		return;
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	ticker.ended = false;
	ticker.runs = !pthread_cond_init(&ticker.wake, &clock) &&
		!pthread_create(&ticker.thread, NULL, tick, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_condattr_destroy(&clock);
}

void
lam_cli_progress_begin(const char *name, bool again)
{
	atomic_store(&what, name);
	ticker.terminal = isatty(STDERR_FILENO);
	if (again && !ticker.runs && !lam_cli_quiet &&
		(lam_cli_progress || ticker.terminal))
		start_ticker();
}

void
lam_cli_progress_clear(void)
{
	if (atomic_exchange(&drawn, false) &&
		write(STDERR_FILENO, CLEAR, sizeof CLEAR - 1) < 0) {
		/* Nobody is left to see it. */
	}
}

void
lam_cli_progress_end(void)
{
	if (ticker.runs) {
		pthread_mutex_lock(&ticker.lock);
		ticker.ended = true;
		pthread_cond_signal(&ticker.wake);
		pthread_mutex_unlock(&ticker.lock);
		pthread_join(ticker.thread, NULL);
		pthread_cond_destroy(&ticker.wake);
		ticker.runs = false;
	}
	lam_cli_progress_clear();
}

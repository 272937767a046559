/*
 * function.h - what a function is: the directives of its file, or of options
 *
 * A function is a directory DIR/functions/NAME with a file `function` of lines
 * "NAME VALUE"; "#" starts a comment line.  Each directive is also an option of
 * lam-trigger, and the option counts.  Besides, a line may be a setting of what it
 * prints (input/settings.h).  lam-function(5) tells what they mean.
 *
 *	lam_function_init -> { lam_function_set | lam_function_read }*
 *	-> lam_function_check -> ... -> lam_function_release
 */
#ifndef LAM_TRIGGER_FUNCTION_H
#define LAM_TRIGGER_FUNCTION_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/dir.h"
#include "base/err.h"
#include "base/io.h"
#include "base/name.h"
#include "input/input.h"
#include "time/cron.h"

enum lam_on {
	LAM_ON_STDIN,  /* lines; no dataset */
	LAM_ON_STREAM, /* records of a stream */
	LAM_ON_EVERY,  /* one event for each due time */
	LAM_ON_AT,     /* the same, of a calendar */
	LAM_ON_BUCKET, /* files that come and go */
	LAM_ON_VIEW,   /* rows that come, change and go */
	LAM_ON_HTTP    /* requests, answered: gateway.h */
};

enum lam_lanes { LAM_ORDER_LOG, LAM_ORDER_KEY, LAM_ORDER_NONE };

#define LAM_FUNCTION_MAX (1u << 20) /* bytes of a function file */
#define LAM_FOREVER UINT64_MAX	    /* of .retries */
#define LAM_ENV_MAX 64
#define LAM_LAYERS_MAX 8

struct lam_function {
	char name[LAM_NAME_MAX + 1]; /* "": of the command line */
	char dir[LAM_PATH_MAX];	     /* where it runs */
	struct lam_arena arena;	     /* of the texts */
	uint64_t set;		     /* bit I: directive I was given; then settings */
	uint64_t digest;	     /* of the files that say what it is */

	enum lam_on on;
	const char *subject;	 /* stream or view; of http the path, "": /NAME; the
				  * directory */
	int64_t every;		 /* ns */
	struct lam_cron cron;
	const char *where;	 /* SQL, patterns of a bucket, or NULL */
	const char *from;	 /* start, now or a position */

	const char *run;	 /* as written, or NULL */
	const char *const *argv; /* what is executed */
	bool lambda;		 /* it is a runtime, as AWS Lambda has them */
	bool no_token;		 /* its API has no secret path */
	const char *input;	 /* jsonl, csv or tsv */
	const char *env[LAM_ENV_MAX + 1]; /* NAME=VALUE */
	uint32_t nenv;
	const char *readable[2]; /* paths that it may read, besides .dir; to a NULL */
	const char *env_file;	 /* or NULL */
	const char *layer[LAM_LAYERS_MAX + 1]; /* directories; absolute when read */
	uint32_t nlayers;
	const char *bins;	 /* of layers: what comes behind PATH; or NULL */

	uint64_t batch;		 /* records */
	int64_t wait;		 /* ns for a batch to fill; -1: as the source has it */
	uint64_t concurrency;	 /* batches at once; 0: paused */
	enum lam_lanes order;
	bool ordered;		 /* .order was given: else it is that of the source */
	const char *key;	 /* ORDER_KEY: the column */
	int64_t idle;		 /* ns: then a sandbox without work goes */

	int64_t timeout;	 /* ns; 0: none */
	uint64_t retries;
	int64_t backoff;	 /* ns before the second attempt */
	int64_t age;		 /* ns; 0: any */
	bool bisect, partial;

	const char *into;	 /* stream, path or "-" */
	struct lam_input_options text; /* how its output is read */

	const char *debug;	 /* it waits for a debugger: where; or NULL */
	bool held;		 /* as a process that one attaches to */

	uint64_t memory;	 /* bytes */
	bool net, quota;
	unsigned tiers, required; /* LAM_TIER_* */
};

/* The directives: their names, arguments and what help says of them. */
struct lam_directive {
	const char *name, *arg, *help;
};
size_t lam_directives(void);
const struct lam_directive *lam_directive(size_t i);
bool lam_directive_repeats(size_t i); /* it may be given several times */

void lam_function_init(struct lam_function *f);
void lam_function_release(struct lam_function *f);

/* Directive I is VALUE; WHERE begins the message if it cannot be: LAM_USAGE.
 * A value that is set already stays (options come first), but for those that repeat. */
int lam_function_set(struct lam_function *f, size_t i, const char *value,
	const char *where, struct lam_error *e) LAM_MUST;

/* The same of all directives, as options: VALUE[I] or NULL, of those that repeat a line
 * each time. */
int lam_function_options(struct lam_function *f, const char *const *value,
	struct lam_error *e) LAM_MUST;

/* The text of a function file, which messages call PATH. */
int lam_function_parse(struct lam_function *f, const char *text, size_t n,
	const char *path, struct lam_error *e) LAM_MUST;

/* F's name, directory and file in the dataset DATA.  Its .digest is the same until
 * that file, its `env-file` or the definition of its view has changed. */
int lam_function_read(struct lam_function *f, const char *data,
	const char *name, struct lam_error *e) LAM_MUST;

/* LAM_USAGE: DATA has no function of one of the names, and no state of one that was
 * removed. */
int lam_function_known(const char *data, const char *const *name, size_t n,
	struct lam_error *e) LAM_MUST;

/* The names of the functions of DATA; LAM_NOTHING: there are none. */
int lam_function_list(const char *data, struct lam_names *out,
	struct lam_error *e) LAM_MUST;

/* "stream", "view", ...: what F waits for. */
const char *lam_function_source(const struct lam_function *f);

/* The stream of DATA whose records F waits for, itself or by a view; NULL: none. */
const char *lam_function_stream(struct lam_function *f, const char *data);

/* The directory of F, which is on bucket: a path is meant from that of F. */
int lam_function_bucket(const struct lam_function *f, char out[LAM_PATH_MAX],
	struct lam_error *e) LAM_MUST;

/* What is executed is ARGV, in the working directory. */
int lam_function_command(struct lam_function *f, char *const *argv,
	struct lam_error *e) LAM_MUST;

/*
 * F waits for a debugger before it begins, and has any time then.  A program of Java or
 * Node.js listens for one, on the network of the machine; one with debugpy does what it
 * is told; another one is .held.
 */
int lam_function_debug(struct lam_function *f, struct lam_error *e) LAM_MUST;

/* Directives that need others, or exclude them. */
int lam_function_check(const struct lam_function *f, struct lam_error *e)
	LAM_MUST;

/* LAM_USAGE: F, of DATA, is given what it or functions behind it have written: its
 * output, and so its work, would never end. */
int lam_function_check_loop(const struct lam_function *f, const char *data,
	struct lam_error *e) LAM_MUST;

#endif

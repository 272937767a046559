/*
 * task.h - a batch of events: its bounds, its text, its identity
 */
#ifndef LAM_TRIGGER_TASK_H
#define LAM_TRIGGER_TASK_H

#include "trigger/feed.h"
#include "trigger/progress.h"

struct lam_task {
	struct lam_task *next;
	uint64_t from, to;   /* positions */
	uint32_t failed;     /* attempts */
	int64_t born, due;   /* ns since 1970; 0: not begun, at once */
	struct lam_buf text; /* the feed's head, then the events */
	size_t head;	     /* bytes of it */
	struct lam_event *event;
	size_t n;
	uint64_t key;	     /* of its events, if they have one */
	bool loaded;	     /* its events are here */
	int input;	     /* its text as a file; -1: none yet */
	void *worker;	     /* that is at work on it, or NULL */
};

/* [FROM, TO), not loaded; NULL: out of memory. */
struct lam_task *lam_task_new(uint64_t from, uint64_t to);
void lam_task_free(struct lam_task *b); /* or NULL */

/* The first N events of Q become those of B, behind HEAD. */
int lam_task_load(struct lam_task *b, const struct lam_buf *head,
	struct lam_queue *q, size_t n, struct lam_error *e) LAM_MUST;

/* The lines of FILE ("-": standard input) become the events of B, from 0 on. */
int lam_task_read(struct lam_task *b, const char *file, struct lam_error *e)
	LAM_MUST;

/* B becomes its first AT events; *REST is a new one, of the others. */
int lam_task_split(struct lam_task *b, size_t at, struct lam_task **rest,
	struct lam_error *e) LAM_MUST;

/* B->input is a file with all of the text. */
int lam_task_file(struct lam_task *b, struct lam_error *e) LAM_MUST;

/*
 * The idempotency key of B: a hash of the function's name, of what it reads, and of
 * the bounds.  It is the same for each attempt, whatever happens between them.
 */
#define LAM_KEY_SIZE 33
void lam_task_key(const struct lam_task *b, const char *name,
	const char *source, char out[LAM_KEY_SIZE]);
/* The same as a request id: 8-4-4-4-12 digits. */
#define LAM_REQUEST_ID_SIZE 37
void lam_request_id(const char key[LAM_KEY_SIZE],
	char out[LAM_REQUEST_ID_SIZE]);

#endif

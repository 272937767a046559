/*
 * shape.h - events as AWS has them
 *
 * Handlers are written for the JSON that a source of AWS sends.  What has no meaning
 * on one machine is constant: account 000000000000, region "local".
 */
#ifndef LAM_LAMBDA_SHAPE_H
#define LAM_LAMBDA_SHAPE_H

#include "http/message.h"

/*
 * Records of a stream, as Kinesis sends them: begin, then each, then end.  TEXT is
 * in "data", in base64; POS is its sequence number.  WHEN: ns since 1970.
 */
void lam_shape_begin(struct lam_buf *b);
void lam_shape_record(struct lam_buf *b, const char *stream, uint64_t pos,
	struct lam_str text, int64_t when);
void lam_shape_end(struct lam_buf *b);

/*
 * A file of a bucket that is there, or REMOVED, as S3 sends it: what stands between
 * begin and end, commas aside.  POS orders the events.
 */
struct lam_shape_file {
	const char *bucket, *function;
	struct lam_str key; /* its name in the bucket, any bytes */
	uint64_t size;
	uint64_t version;   /* another one for other contents */
	int64_t when;	    /* ns since 1970 */
	bool removed;
};
void lam_shape_object(struct lam_buf *b, const struct lam_shape_file *f, uint64_t pos);

/* A name as S3 writes keys in events: blanks as +, most other bytes as %XX. */
void lam_shape_key(struct lam_buf *b, struct lam_str key);
const char *lam_shape_object_name(const struct lam_shape_file *f);

/*
 * A row of a view that is new, was changed or is gone, as a DynamoDB stream sends it:
 * what stands between begin and end, commas aside.  Rows are objects of JSON.
 */
struct lam_shape_image {
	const char *view, *name; /* INSERT, MODIFY, REMOVE */
	struct lam_str keys, now, old; /* NULL: there is none */
	int64_t when;		 /* ns since 1970 */
};
void lam_shape_row(struct lam_buf *b, const struct lam_shape_image *r, uint64_t pos);

/* A due time, as EventBridge Scheduler sends it. */
void lam_shape_schedule(struct lam_buf *b, const char *function, const char *id,
	int64_t when);

/* A request, as API Gateway sends it (payload version 2.0).  PATH: of its target,
 * without what routed it to the function. */
void lam_shape_request(struct lam_buf *b, const struct lam_http_message *m,
	struct lam_str path, const char *function, const char *id, int64_t when);

/* What a handler answered to a request. */
struct lam_shape_answer {
	int status;
	struct lam_buf fields; /* whole lines, each with its CR LF */
	struct lam_buf body;
};

#define LAM_SHAPE_ANSWER_INIT { 0, LAM_BUF_INIT, LAM_BUF_INIT }

/*
 * An object with "statusCode" says all itself; any other JSON is the body of a 200.
 * False: it is no JSON, or its fields are none.
 */
bool lam_shape_answer(struct lam_str text, struct lam_shape_answer *a);
void lam_shape_answer_release(struct lam_shape_answer *a);

#endif

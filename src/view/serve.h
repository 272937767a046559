/*
 * serve.h - the serving layer: publish partial streams as generations
 */
#ifndef LAM_VIEW_SERVE_H
#define LAM_VIEW_SERVE_H

#include "partial/text.h"
#include "view/cover.h"

struct lam_serve {
	const char *data;
	const char *const *path; /* none: standard input */
	size_t npaths;
	unsigned threads;
	bool force;		 /* publish even a section that ends lower than
				  * the served one, and remove that */
	struct lam_messages
		failed;           /* a view beside others that are published */
	struct lam_messages
		faults;           /* what a section could not compute */
	const _Atomic int *stop; /* set: nothing more is published */
	uint64_t read;		 /* out: sections */
	uint64_t views, rows;	 /* out: published */
};

/*
 * Read and check everything, write every index beside its place, and only when
 * all streams have ended well rename them into place, each view atomically.
 * The previous generation is kept, older ones are removed.
 * LAM_DATA: something is wrong with a stream; nothing is published.
 * LAM_SOME: a section was refused, or its view's folder could not be written
 * to; the others are published.
 */
int lam_serve(struct lam_serve *s, struct lam_error *e) LAM_MUST;

#endif

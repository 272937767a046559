/*
 * layer_file.h - generations and speed partials, by their file names
 */
#ifndef LAM_VIEW_LAYER_FILE_H
#define LAM_VIEW_LAYER_FILE_H

#include "base/err.h"
#include "base/io.h"

/* A generation (from = 0) or speed partial, by its file name alone. */
struct lam_layer_file {
	uint64_t from, to, spec;
};

struct lam_layer_file_list {
	struct lam_layer_file *item; /* by from, then to, then spec */
	size_t n;
};

#define LAM_LAYER_FILE_INIT { NULL, 0 }

/* Files whose names are no such names are not looked at. */
int lam_serving_list(const char *data, const char *view,
	struct lam_layer_file_list *out, struct lam_error *e) LAM_MUST;
int lam_speed_list(const char *data, const char *view,
	struct lam_layer_file_list *out, struct lam_error *e) LAM_MUST;
void lam_layer_file_release(struct lam_layer_file_list *l);

/* The order of lists: by from, then to, then spec. */
int lam_layer_file_cmp(const struct lam_layer_file *a,
	const struct lam_layer_file *b);

/* The first of N in that order that starts at POS or later. */
size_t lam_layer_file_find(const struct lam_layer_file *item, size_t n,
	uint64_t pos);

/* The directory of VIEW's generations (SPEED: of its speed partials). */
int lam_layer_file_dir(char out[LAM_PATH_MAX], const char *data, bool speed,
	const char *view, struct lam_error *e) LAM_MUST;
int lam_layer_file_path(char out[LAM_PATH_MAX], const char *data, bool speed,
	const char *view, const struct lam_layer_file *d, struct lam_error *e)
	LAM_MUST;

#endif

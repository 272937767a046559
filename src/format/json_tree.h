/*
 * json_tree.h - which members of JSON objects are which fields
 *
 * A member of an object in an object is named by the way to it, "a.b.c".  The tree
 * is made of names that are given, and of records that are looked at; then it is
 * read by many threads.
 */
#ifndef LAM_FORMAT_JSON_TREE_H
#define LAM_FORMAT_JSON_TREE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "format/line.h"
#include "input/input.h"

#define LAM_JSON_FIELDS 1000 /* that records may bring; more are given by name */
#define LAM_JSON_LEVELS 16   /* of objects that become names */
#define LAM_JSON_NO_FIELD UINT32_MAX

struct lam_json_object;

struct lam_json_member {
	struct lam_str key;  /* a quote stands behind it, then 7 bytes or more */
	uint64_t head, mask; /* the first 8 bytes of key and quote */
	uint32_t field;	     /* of its value, or LAM_JSON_NO_FIELD */
	struct lam_json_object *object; /* when that is an object; or NULL */
	unsigned seen;	     /* in the records looked at: private */
};

struct lam_json_object {
	struct lam_json_member *member; /* in the order in which they came */
	uint32_t n, cap;
	uint16_t *slot; /* hash table: number of a member + 1 */
	size_t slots;	/* a power of 2 */
};

struct lam_json_tree {
	struct lam_arena arena;
	struct lam_json_object root;
	uint64_t seed;
	uint32_t leaves; /* members that are to be fields */
	/* Set by the caller: types of fields with these names, whatever they hold; and
	 * whether there are such fields in any case, the first ones. */
	const struct lam_line_field *fixed;
	size_t nfixed;
	bool always;
	unsigned origin; /* how many fields of input/origin.h there will be */
	bool full;	 /* there were members that cannot be fields */
	bool any;	 /* there was a record, perhaps {} */
};

void lam_json_tree_init(struct lam_json_tree *t);
void lam_json_tree_release(struct lam_json_tree *t);

/*
 * NAME, "a.b", is to be the field FIELD: the member b of a, and in a second call, with
 * POINTED, "a.b" itself.  That is rare, so it comes behind all others.
 */
int lam_json_tree_name(struct lam_json_tree *t, const char *name, uint32_t field,
	bool pointed, struct lam_error *e) LAM_MUST;

/* So are the members of the record P[N]; one that is not JSON has none. */
int lam_json_tree_record(struct lam_json_tree *t, const char *p, size_t n,
	struct lam_error *e) LAM_MUST;

/* KEY is to be a field, whatever its values are; for records without objects. */
int lam_json_tree_key(struct lam_json_tree *t, struct lam_str key,
	struct lam_error *e) LAM_MUST;

/*
 * Declare the fields, those that were named in the order of their names.  A field whose
 * values were all numbers is a number, one of dates a time; strings are texts.  *N: how
 * many they are.
 */
int lam_json_tree_declare(struct lam_json_tree *t, struct lam_input *in,
	uint32_t *n, struct lam_error *e) LAM_MUST;

/*
 * The fields of an input whose records may leave some out: those that OPT names, and
 * those that the first records have, which LOOK shows to the tree of OWN, the caller's.
 * *REST is the field for all others, _rest, or LAM_JSON_NO_FIELD where there can be
 * no others; REST may be NULL: they are kept elsewhere.  LOOK may be NULL.
 */
int lam_json_tree_fields(struct lam_json_tree *t, struct lam_input *in,
	const struct lam_input_options *opt,
	int (*look)(void *own, const struct lam_buf *b, struct lam_error *e),
	void *own, uint32_t *rest, struct lam_error *e) LAM_MUST;

/* The member of O with that key; NULL: none. */
struct lam_json_member *lam_json_tree_find(const struct lam_json_tree *t,
	const struct lam_json_object *o, struct lam_str key);

#endif

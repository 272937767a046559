/*
 * joins.h - the kinds of joins, in a syntax tree and bound
 */
#ifndef LAM_SQL_JOINS_H
#define LAM_SQL_JOINS_H

#define LAM_SQL_LEAVES 64 /* relations that one FROM joins */

enum lam_join_kind {
	LAM_JOIN_INNER, LAM_JOIN_LEFT, LAM_JOIN_RIGHT, LAM_JOIN_FULL,
	LAM_JOIN_MARK,	/* each row of the left, and whether it met one */
	LAM_JOIN_SINGLE	/* LEFT; to meet two is an error */
};

#endif

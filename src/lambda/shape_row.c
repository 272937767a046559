/*
 * shape_row.c - events: rows of views
 */
#include "lambda/shape.h"

#include <inttypes.h>

#include "base/json.h"
#include "time/time.h"

/* A value as DynamoDB has it: {"S":"text"}, {"N":"1"}, {"BOOL":true}, {"NULL":true}. */
static void
put_value(struct lam_buf *b, const struct lam_json_value *v)
{
	int n = (int)v->text.n;

	switch (v->type) {
	case LAM_JSON_STRING:
		lam_buf_printf(b, "{\"S\":\"%.*s\"}", n, v->text.p);
		break;
	case LAM_JSON_NUMBER:
		lam_buf_printf(b, "{\"N\":\"%.*s\"}", n, v->text.p);
		break;
	case LAM_JSON_BOOL:
		lam_buf_printf(b, "{\"BOOL\":%.*s}", n, v->text.p);
		break;
	case LAM_JSON_NONE:
	case LAM_JSON_NULL:
	case LAM_JSON_ARRAY:
	case LAM_JSON_OBJECT:
		lam_buf_puts(b, "{\"NULL\":true}");
	}
}

/* "NAME": the members of ROW, a comma behind it. */
static void
put_image(struct lam_buf *b, const char *name, struct lam_str row)
{
	struct lam_json_value key, value;
	const char *separator = "";
	struct lam_json j;

	if (row.p == NULL)
		return;
	lam_buf_printf(b, "\"%s\":{", name);
	lam_json_init(&j, row.p, row.n);
	if (lam_json_peek(&j) == LAM_JSON_OBJECT)
		lam_json_enter(&j, LAM_JSON_OBJECT);
	while (lam_json_key(&j, &key)) {
		if (!lam_json_scalar(&j, &value))
			break;
		lam_buf_printf(b, "%s\"%.*s\":", separator, (int)key.text.n,
			key.text.p);
		put_value(b, &value);
		separator = ",";
	}
	lam_buf_puts(b, "},");
}

void
lam_shape_row(struct lam_buf *b, const struct lam_shape_image *r, uint64_t pos)
{
	lam_buf_printf(b, "{\"eventID\":\"%032" PRIx64 "\",\"eventName\":\"%s\","
		"\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\","
		"\"awsRegion\":\"local\",\"dynamodb\":{"
		"\"ApproximateCreationDateTime\":%" PRId64 ",", pos, r->name,
		r->when / LAM_NS);
	put_image(b, "Keys", r->keys);
	put_image(b, "NewImage", r->now);
	put_image(b, "OldImage", r->old);
	lam_buf_printf(b, "\"SequenceNumber\":\"%" PRIu64 "\",\"SizeBytes\":%zu,"
		"\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"},\"eventSourceARN\":"
		"\"arn:aws:dynamodb:local:000000000000:table/%s/stream/0\"}", pos,
		r->keys.n + r->now.n + r->old.n, r->view);
}

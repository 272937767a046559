/*
 * shape_object.c - events: files of buckets
 */
#include "lambda/shape.h"

#include <inttypes.h>
#include <string.h>

#include "base/json_text.h"
#include "time/time.h"

#define MS INT64_C(1000000)

static bool
plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || (c && strchr("-_.*/", c));
}

void
lam_shape_key(struct lam_buf *b, struct lam_str key)
{
	for (size_t i = 0; i < key.n; i++) {
		if (plain(key.p[i]))
			lam_buf_putc(b, key.p[i]);
		else if (key.p[i] == ' ')
			lam_buf_putc(b, '+');
		else
			lam_buf_printf(b, "%%%02X", (unsigned char)key.p[i]);
	}
}

const char *
lam_shape_object_name(const struct lam_shape_file *f)
{
	return f->removed ? "ObjectRemoved:Delete" : "ObjectCreated:Put";
}

void
lam_shape_object(struct lam_buf *b, const struct lam_shape_file *f, uint64_t pos)
{
	struct lam_str bucket = { f->bucket, strlen(f->bucket) };
	char time[LAM_TIME_TEXT];
	size_t n = lam_time_print(f->when - f->when % MS, time);

	lam_buf_printf(b, "{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\","
		"\"awsRegion\":\"local\",\"eventTime\":\"%.*s\","
		"\"eventName\":\"%s\",\"userIdentity\":{\"principalId\":\"lam\"},"
		"\"requestParameters\":{\"sourceIPAddress\":\"127.0.0.1\"},"
		"\"responseElements\":{\"x-amz-request-id\":\"%016" PRIX64 "\","
		"\"x-amz-id-2\":\"lam\"},\"s3\":{\"s3SchemaVersion\":\"1.0\","
		"\"configurationId\":\"%s\",\"bucket\":{\"name\":", (int)n, time,
		lam_shape_object_name(f), pos, f->function);
	lam_json_put_string(b, bucket);
	lam_buf_puts(b, ",\"ownerIdentity\":{\"principalId\":\"lam\"},\"arn\":"
		"\"arn:aws:s3:::");
	lam_shape_key(b, bucket);
	lam_buf_puts(b, "\"},\"object\":{\"key\":\"");
	lam_shape_key(b, f->key);
	lam_buf_puts(b, "\",");
	if (!f->removed)
		lam_buf_printf(b, "\"size\":%" PRIu64 ",\"eTag\":\"%016" PRIx64
			"\",", f->size, f->version);
	lam_buf_printf(b, "\"sequencer\":\"%016" PRIX64 "\"}}}", pos);
}

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A runtime for handlers of AWS Lambda: nothing but Java's own library. */
final class Bootstrap {
	private static final String API = "http://" + System.getenv("AWS_LAMBDA_RUNTIME_API")
		+ "/2018-06-01/runtime/invocation/";

	/** An event and the id of its request. */
	private record Invocation(String id, String event) { }

	private static Invocation ask(String path, String body) throws IOException {
		var c = (HttpURLConnection) URI.create(API + path).toURL().openConnection();
		c.setReadTimeout(0); // an event may take hours to come
		if (body != null) {
			var bytes = body.getBytes(StandardCharsets.UTF_8);
			c.setDoOutput(true);
			c.setFixedLengthStreamingMode(bytes.length);
			try (var out = c.getOutputStream()) {
				out.write(bytes);
			}
		}
		if (c.getResponseCode() >= 400) {
			throw new IOException(path + ": " + c.getResponseCode());
		}
		try (var in = c.getInputStream()) { // to its end, so that the connection stays
			return new Invocation(c.getHeaderField("Lambda-Runtime-Aws-Request-Id"),
				new String(in.readAllBytes(), StandardCharsets.UTF_8));
		}
	}

	private static String quoted(String text) {
		var out = new StringBuilder("\"");
		for (char c : String.valueOf(text).toCharArray()) {
			if (c == '"' || c == '\\') {
				out.append('\\').append(c);
			} else if (c < ' ') {
				out.append(String.format("\\u%04x", (int) c));
			} else {
				out.append(c);
			}
		}
		return out.append('"').toString();
	}

	public static void main(String[] args) throws IOException {
		for (;;) {
			var next = ask("next", null);
			String what = "/response", answer;
			try {
				answer = Handler.handle(next.event());
			} catch (Exception e) {
				e.printStackTrace();
				what = "/error";
				answer = "{\"errorMessage\": " + quoted(e.getMessage())
					+ ", \"errorType\": " + quoted(e.getClass().getName()) + "}";
			}
			ask(next.id() + what, answer);
		}
	}
}

import java.util.regex.Pattern;

/** The function: it is given JSON as text, and answers JSON. */
final class Handler {
	private static final Pattern NAME = Pattern.compile("\"name\"\\s*:\\s*\"([^\"]*)\"");

	static String handle(String event) throws Exception {
		var name = NAME.matcher(event); // a real one has a reader of JSON
		return "{\"message\": \"Hello, " + (name.find() ? name.group(1) : "world") + "\"}";
	}
}

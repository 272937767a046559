#!/usr/bin/env bats
# lam-trigger: layers, and code that changes outside of a function's directory
load helper

# layers: two of them; the second covers a file of the first
layers() {
	mkdir -p one/python one/bin one/nodejs/node_modules/m "two $1/python" "two $1/bin"
	echo 'name = "one"' >one/python/who.py
	echo 'name = "only one"' >one/python/only.py
	echo 'name = "two"' >"two $1/python/who.py"
	printf '#!/bin/sh\necho tool one\n' >one/bin/tool
	printf '#!/bin/sh\necho tool two\n' >"two $1/bin/tool"
	printf '#!/bin/sh\necho first\n' >one/bin/first
	chmod +x */bin/*
	echo 'exports.name = "m"' >one/nodejs/node_modules/m/index.js
}

@test "layers: programs and modules of them are found in each tier, the later before the earlier" {
	layers 'a,b\c'
	cat >main.py <<-'EOF'
	import only, who
	print(who.name, only.name)
	EOF
	for deny in '' ns ns,landlock; do
		LAM_DENY=$deny lam-trigger --layer one --layer 'two a,b\c' --env PYTHONPATH=/own -- sh -c '
			cat; tool; first; python3 main.py; printf "%s\n" "$PYTHONPATH"' <<<x >out
		printf '%s\n' x 'tool two' first 'two only one' |
			diff - <(head -n 4 out)
		[ "$(tail -n 1 out)" = "/own:$PWD/two a,b\\c/python:$PWD/one/python" ]
	done
	run -2 lam-trigger --layer none -- cat
	[[ $output == *"layer $PWD/none: there is no such directory"* ]]
	run -2 lam-trigger --layer /opt -- cat
	mkdir a:b
	run -2 lam-trigger --layer a:b -- cat
}

@test "layers are at /opt, read-only, merged, whatever they are given" {
	lam-trigger --check | grep -Eq '^ns +yes' || skip "no namespaces"
	layers 'b,c'
	mkdir -p "$LAM_DATA/functions/f/own/python"
	echo own >"$LAM_DATA/functions/f/own/python/who.py"
	printf '%s\n' 'on every 1h' "layer $PWD/one" "layer $PWD/two b,c" 'run cat /opt/python/who.py /opt/python/only.py' |
		function_file f
	lam-trigger -i f </dev/null >out
	cat 'two b,c/python/who.py' one/python/only.py | cmp - out
	# One alone, of the function's own directory; options come first, and so are covered.
	printf '%s\n' 'on every 1h' 'layer own' 'run cat /opt/python/who.py' | function_file f
	lam-trigger -i f </dev/null | grep -qx own
	lam-trigger -i f --layer "$PWD/one" </dev/null | grep -qx own
	sed -i 's|^run.*|run sh -c "echo >/opt/python/new \|\| echo refused"|' "$LAM_DATA/functions/f/function"
	lam-trigger -i f </dev/null 2>err | grep -qx refused
	[ ! -e "$LAM_DATA/functions/f/own/python/new" ]
}

@test "a warm runtime is started anew when a file of a layer, or one that run names, has changed" {
	mkdir -p layer/python code "$LAM_DATA/functions/f/lib"
	echo 'word = "one"' >layer/python/shared.py
	echo 'word = "one"' >"$LAM_DATA/functions/f/lib/part.py"
	cat >code/main.py <<-'EOF'
	import json, os, sys, urllib.request
	sys.path.append("lib")
	import part, shared
	api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
	version = "1"
	while True:
	    with urllib.request.urlopen(api + "next") as r:
	        id = r.headers["Lambda-Runtime-Aws-Request-Id"]
	        r.read()
	    answer = json.dumps([os.getpid(), version, shared.word, part.word]).encode()
	    urllib.request.urlopen(urllib.request.Request(api + id + "/response", answer)).read()
	EOF
	printf '%s\n' 'on http' 'runtime lambda' 'timeout 60s' "layer $PWD/layer" "layer $PWD/code" \
		'run python3 /opt/main.py' | function_file f
	lam-trigger --check | grep -Eq '^ns +yes' || sed -i "s|/opt/main.py|$PWD/code/main.py|" "$LAM_DATA/functions/f/function"
	lam-trigger -F --listen "$PWD/sock" 4>&- &
	trigger=$!
	await test -S sock
	call() { curl -sS --unix-socket sock -d '{}' http://x/2015-03-31/functions/f/invocations; }
	says() { call | grep -q "$1"; }
	await says '"1", "one", "one"'
	[ "$(call)" = "$(call)" ]
	echo 'word = "two!"' >layer/python/shared.py
	await says '"1", "two!", "one"'
	echo 'word = "three"' >"$LAM_DATA/functions/f/lib/part.py"
	await says '"1", "two!", "three"'
	sed -i 's/^version = .*/version = "22"/' code/main.py
	await says '"22", "two!", "three"'
	kill $trigger
	wait $trigger || true
}

@test "layers: archives in java/lib are on the class path, those of the later layer first" {
	command -v javac >/dev/null || skip "no javac"
	for n in one two; do
		mkdir -p $n/java/lib
		echo "public class Word { public static String say() { return \"$n\"; } }" >Word.java
		javac -d $n Word.java
		python3 -m zipfile -c $n/java/lib/word.jar $n/Word.class
		rm $n/Word.class
	done
	echo 'public class Main { public static void main(String[] a) { System.out.println(Word.say()); } }' >Main.java
	javac -cp one/java/lib/word.jar -d . Main.java
	java=$(command -v java)
	for deny in '' ns,net,landlock; do
		echo | LAM_DENY=$deny lam-trigger --timeout none --memory 512M --layer one \
			-- "$java" Main >>out
		echo | LAM_DENY=$deny lam-trigger --timeout none --memory 512M --layer one --layer two \
			-- sh -c "exec $java -cp \"$PWD:\$CLASSPATH\" Main" >>out
		# What env says comes before it.
		echo | LAM_DENY=$deny lam-trigger --timeout none --memory 512M --layer one \
			--env "CLASSPATH=$PWD:$PWD/two/java/lib/word.jar" -- "$java" Main >>out
	done
	printf '%s\n' one two two one two two | diff - out
}

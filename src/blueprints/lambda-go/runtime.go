// A runtime for handlers of AWS Lambda: nothing but Go's own library.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
)

type failure struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
}

// One connection is used for all: bodies are read to their end.
func ask(method, url string, body []byte) (http.Header, []byte, error) {
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	return response.Header, got, err
}

// A panic is an error of the invocation, not the end of the runtime.
func call[E any](handler func(E) (any, error), text []byte) (answer []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	var event E
	if err = json.Unmarshal(text, &event); err != nil {
		return nil, err
	}
	value, err := handler(event)
	if err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

func serve[E any](handler func(E) (any, error)) {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") +
		"/2018-06-01/runtime/invocation/"
	for {
		head, text, err := ask("GET", api+"next", nil)
		if err != nil {
			return // no more events
		}
		what := "/response"
		answer, err := call(handler, text)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			what = "/error"
			answer, _ = json.Marshal(failure{err.Error(), fmt.Sprintf("%T", err)})
		}
		id := head.Get("Lambda-Runtime-Aws-Request-Id")
		if _, _, err = ask("POST", api+id+what, answer); err != nil {
			return
		}
	}
}

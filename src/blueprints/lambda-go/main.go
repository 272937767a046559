// The function: what it is given and what it answers are JSON.
package main

import "fmt"

type Event struct {
	Name string `json:"name"`
}

type Answer struct {
	Message string `json:"message"`
}

func handler(event Event) (any, error) {
	if event.Name == "" {
		event.Name = "world"
	}
	return Answer{fmt.Sprintf("Hello, %s", event.Name)}, nil
}

func main() {
	serve(handler)
}

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// answer tells whoever asks who it thinks is asking, on every given address.
func answer(addresses []string) error {
	failed := make(chan error)
	handler := http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		_, _ = fmt.Fprintf(response, "%s asked by %s\n", request.Host, request.RemoteAddr)
	})
	for _, address := range addresses {
		server := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: 5 * time.Second}
		go func() { failed <- server.ListenAndServe() }()
	}
	return <-failed
}

// ask prints every answer.
func ask(urls []string) error {
	client := &http.Client{Timeout: 3 * time.Second}
	for _, url := range urls {
		response, err := client.Get(url)
		if err != nil {
			return err
		}
		if _, err := io.Copy(os.Stdout, response.Body); err != nil {
			return err
		}
		_ = response.Body.Close()
	}
	return nil
}

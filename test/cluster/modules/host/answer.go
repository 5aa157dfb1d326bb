package main

import (
	"fmt"
	"net/http"
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

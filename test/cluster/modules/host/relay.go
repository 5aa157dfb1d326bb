package main

import (
	"errors"
	"io"
	"log"
	"net"
	"runtime"
	"time"
)

// A relayConfig names loopback addresses of the machine and where in the network namespace they lead.
type relayConfig struct {
	NetworkNamespace string
	CgroupFolders    []string
	Routes           []struct{ Listen, To string }
}

func relay(file string) error {
	var config relayConfig
	if err := read(file, &config); err != nil {
		return err
	}
	if err := joinCgroups(config.CgroupFolders); err != nil {
		return err
	}
	failed := make(chan error)
	for _, route := range config.Routes {
		listener, err := net.Listen("tcp", route.Listen)
		if err != nil {
			return err
		}
		go func() {
			for {
				near, err := listener.Accept()
				if err != nil {
					failed <- err
					return
				}
				go carry(near.(*net.TCPConn), config.NetworkNamespace, route.To)
			}
		}()
	}
	return <-failed
}

// carry joins one connection of the machine with one that it opens inside.
func carry(near *net.TCPConn, namespace, to string) {
	defer func() { _ = near.Close() }()
	far, err := dialInside(namespace, to)
	if err != nil {
		log.Printf("%s: %v", to, err)
		_ = near.SetLinger(0) // the caller sees a reset, as from a host that refuses
		return
	}
	defer func() { _ = far.Close() }()
	done := make(chan struct{})
	go func() { pour(far, near); close(done) }()
	pour(near, far)
	<-done
}

// pour passes the end of the stream on as an end, and a break as a break.
func pour(to, from *net.TCPConn) {
	if _, err := io.Copy(to, from); err != nil && !errors.Is(err, net.ErrClosed) {
		_ = to.SetLinger(0)
		_ = to.Close()
		_ = from.Close()
		return
	}
	_ = to.CloseWrite()
}

// dialInside never unlocks its thread: the thread is in the other namespace for good, and ends with its goroutine.
func dialInside(namespace, to string) (*net.TCPConn, error) {
	type answer struct {
		connection net.Conn
		err        error
	}
	answers := make(chan answer)
	go func() {
		runtime.LockOSThread()
		if err := enterNetwork(namespace); err != nil {
			answers <- answer{nil, err}
			return
		}
		connection, err := net.DialTimeout("tcp", to, 10*time.Second)
		answers <- answer{connection, err}
	}()
	got := <-answers
	if got.err != nil {
		return nil, got.err
	}
	return got.connection.(*net.TCPConn), nil
}

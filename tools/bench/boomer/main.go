// The peer in Go: one task that gets TARGET_URL, by net/http or, with -fast, by fasthttp. tools/bench/compare builds it.
package main

import (
	"crypto/tls"
	"flag"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/myzhan/boomer"
	"github.com/valyala/fasthttp"
)

const connections = 20000

// A getter returns the length of the body.
type getter func(url string) (int64, error)

func plain(insecure *tls.Config) getter {
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConns: connections, MaxIdleConnsPerHost: connections, TLSClientConfig: insecure}}
	return func(url string) (int64, error) {
		response, err := client.Get(url)
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		return io.Copy(io.Discard, response.Body)
	}
}

func quick(insecure *tls.Config) getter {
	client := &fasthttp.Client{MaxConnsPerHost: connections, TLSConfig: insecure}
	return func(url string) (int64, error) {
		request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(request)
		defer fasthttp.ReleaseResponse(response)
		request.SetRequestURI(url)
		err := client.Do(request, response)
		return int64(len(response.Body())), err
	}
}

func main() {
	fast := flag.Bool("fast", false, "fasthttp in place of net/http")
	flag.Parse()
	insecure := &tls.Config{InsecureSkipVerify: true}
	get := plain(insecure)
	if *fast {
		get = quick(insecure)
	}
	url := os.Getenv("TARGET_URL")
	boomer.Run(&boomer.Task{Name: "hello", Weight: 1, Fn: func() {
		start := time.Now()
		length, err := get(url)
		elapsed := time.Since(start).Milliseconds()
		if err != nil {
			boomer.RecordFailure("GET", "/hello", elapsed, err.Error())
		} else {
			boomer.RecordSuccess("GET", "/hello", elapsed, length)
		}
	}})
}

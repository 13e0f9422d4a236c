// The three pages in Go's ServeMux, with the combined log of gorilla/handlers. Arguments: port, log.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/gorilla/handlers"
)

func answer(w http.ResponseWriter, r *http.Request, page, text string) {
	one, err := strconv.Atoi(text)
	if err != nil || one < 1 || one >= 1000 {
		http.NotFound(w, r)
		return
	}
	fmt.Fprintf(w, "A page as a shop shows it, with name, address, telephone and orders: [[page %s of %d]]", page, one)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/my/info", func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		fmt.Fprintf(w, "A page as a shop shows it, with name, address, telephone and orders: [[page my-info of %s]]", strings.ReplaceAll(user, "]", ""))
	})
	mux.HandleFunc("GET /customers/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, "customer", r.PathValue("id"))
	})
	mux.HandleFunc("/account", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, "account", r.URL.Query().Get("id"))
	})
	log, err := os.OpenFile(os.Args[2], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	panic(http.ListenAndServe("127.0.0.1:"+os.Args[1], handlers.CombinedLoggingHandler(log, mux)))
}

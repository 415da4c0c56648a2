// Command kargo-step asks as the first http step of a Stage of Kargo's asks,
// and prints what the step comes to. Kargo is no module that can be required:
// the expressions run in the library that it uses, at its version, and the
// outcome follows pkg/promotion/runner/builtin/http_requester.go of 1.11.
//
// usage: kargo-step STAGE ENVIRONMENT, where the second is a JSON file with
// the values of vars, secrets and digests.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"mime"
	"net/http"
	"os"
	"regexp"
	"time"

	"github.com/expr-lang/expr"
	"sigs.k8s.io/yaml"
)

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type config struct {
	URL               string `json:"url"`
	Method            string `json:"method"`
	Timeout           string `json:"timeout"`
	Headers           []pair `json:"headers"`
	QueryParams       []pair `json:"queryParams"`
	SuccessExpression string `json:"successExpression"`
	FailureExpression string `json:"failureExpression"`
	ErrorExpression   string `json:"errorExpression"`
}

type step struct {
	Uses   string `json:"uses"`
	Config config `json:"config"`
}

type stage struct {
	Spec struct {
		PromotionTemplate struct {
			Spec struct {
				Steps []json.RawMessage `json:"steps"`
			} `json:"spec"`
		} `json:"promotionTemplate"`
	} `json:"spec"`
}

type environment struct {
	Vars    map[string]string            `json:"vars"`
	Secrets map[string]map[string]string `json:"secrets"`
	Digests map[string]string            `json:"digests"`
}

type outcome struct {
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

var template = regexp.MustCompile(`\$\{\{(.*?)\}\}`)

func (e environment) fill(text string) string {
	known := map[string]any{
		"vars":      e.Vars,
		"secret":    func(name string) map[string]string { return e.Secrets[name] },
		"imageFrom": func(name string) struct{ Digest string } { return struct{ Digest string }{e.Digests[name]} },
	}
	return template.ReplaceAllStringFunc(text, func(found string) string {
		value, err := expr.Eval(template.FindStringSubmatch(found)[1], known)
		if err != nil {
			log.Fatal(err)
		}
		return fmt.Sprint(value)
	})
}

// ask gives what the step's expressions are about, or why there is no answer.
func ask(c config, e environment) (map[string]any, error) {
	request, err := http.NewRequest(c.Method, e.fill(c.URL), nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, header := range c.Headers {
		request.Header.Add(header.Name, e.fill(header.Value))
	}
	query := request.URL.Query()
	for _, parameter := range c.QueryParams {
		query.Add(parameter.Name, e.fill(parameter.Value))
	}
	request.URL.RawQuery = query.Encode()
	timeout, err := time.ParseDuration(c.Timeout)
	if err != nil {
		log.Fatal(err)
	}
	answer, err := (&http.Client{Timeout: timeout}).Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 2<<20))
	if err != nil {
		return nil, err
	}
	var body any = map[string]any{}
	switch kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); {
	case kind == "application/json":
		if err := json.Unmarshal(text, &body); err != nil {
			return nil, err
		}
	case json.Valid(text):
		if err := json.Unmarshal(text, &body); err != nil {
			return nil, err
		}
	}
	return map[string]any{"response": map[string]any{
		"status":  int64(answer.StatusCode),
		"header":  answer.Header.Get,
		"headers": answer.Header,
		"body":    body,
	}}, nil
}

// holds evaluates a criterion; nil where there is none.
func holds(criterion string, about map[string]any) (*bool, error) {
	if criterion == "" {
		return nil, nil
	}
	program, err := expr.Compile(criterion)
	if err != nil {
		return nil, err
	}
	value, err := expr.Run(program, about)
	if err != nil {
		return nil, err
	}
	held, ok := value.(bool)
	if !ok {
		return nil, fmt.Errorf("%q is %T", criterion, value)
	}
	return &held, nil
}

func run(c config, e environment) outcome {
	about, err := ask(c, e)
	if err != nil {
		return outcome{"Errored", err.Error()}
	}
	success, err := holds(c.SuccessExpression, about)
	if err != nil {
		return outcome{"Errored", err.Error()}
	}
	failure, err := holds(c.FailureExpression, about)
	if err != nil {
		return outcome{"Errored", err.Error()}
	}
	switch {
	case failure != nil && *failure:
		said, _ := expr.Eval(c.ErrorExpression, about)
		message, _ := said.(string)
		return outcome{"Failed", message}
	case success != nil && *success:
		return outcome{Status: "Succeeded"}
	case success == nil && failure == nil:
		if status := about["response"].(map[string]any)["status"].(int64); status >= 200 && status < 300 {
			return outcome{Status: "Succeeded"}
		}
		return outcome{Status: "Failed, tried again"}
	default:
		return outcome{Status: "Running"}
	}
}

func read(path string, into any) {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		log.Fatal(err)
	}
}

func main() {
	var from stage
	var e environment
	read(os.Args[1], &from)
	read(os.Args[2], &e)
	for _, each := range from.Spec.PromotionTemplate.Spec.Steps {
		var found step
		if err := yaml.Unmarshal(each, &found); err != nil {
			log.Fatal(err)
		}
		if found.Uses != "http" {
			continue
		}
		written, err := json.Marshal(run(found.Config, e))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(written))
		return
	}
	log.Fatal("the Stage has no http step")
}

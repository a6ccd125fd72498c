// Decodes a request of OTLP/HTTP with JSON as the OpenTelemetry collector does, and prints its spans.
package main

import (
	"fmt"
	"io"
	"os"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

func main() {
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(err)
	}
	request := ptraceotlp.NewExportRequest()
	if err := request.UnmarshalJSON(body); err != nil {
		fail(err)
	}
	resources := request.Traces().ResourceSpans()
	for r := range resources.Len() {
		name, _ := resources.At(r).Resource().Attributes().Get("service.name")
		scopes := resources.At(r).ScopeSpans()
		for s := range scopes.Len() {
			spans := scopes.At(s).Spans()
			for i := range spans.Len() {
				span := spans.At(i)
				offset, _ := span.Attributes().Get("messaging.kafka.offset")
				fmt.Println(name.Str(), span.TraceID(), span.SpanID(), span.ParentSpanID(), span.Kind(), uint64(span.StartTimestamp()),
					uint64(span.EndTimestamp()), offset.Int(), span.Status().Code(), span.TraceState().AsRaw(), span.Name())
			}
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

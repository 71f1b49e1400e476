"""What probes measure, pushed over OTLP in the words of OpenTelemetry's conventions for generative AI."""

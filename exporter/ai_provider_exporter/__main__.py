from ai_provider_exporter.cli.verbs import main

main()

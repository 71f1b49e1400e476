from ai_provider_exporter.cli import main

main()

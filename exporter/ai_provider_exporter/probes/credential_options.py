"""How an API knows us: what signs or pays for a request, as the configuration says it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ai_provider_exporter.schema.types import HttpUrl, Options, Secret


class Aws(Options):
    """Keys that sign requests (SigV4)."""

    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = Field(description="AWS region, such as `us-east-1`")
    access_key_id: Secret = Field(description="access key ID")
    secret_access_key: Secret = Field(description="secret access key")
    session_token: Secret | None = Field(default=None, description="session token of temporary credentials")
    service: str = Field(default="bedrock", description="service name in the signature")


class Google(Options):
    """A service account's key file, traded for access tokens."""

    service_account: Secret = Field(description="JSON key file of the service account")
    scope: str = Field(default="https://www.googleapis.com/auth/cloud-platform", description="OAuth scope")
    token_url: HttpUrl = Field(
        default="https://oauth2.googleapis.com/token", description="URL that issues access tokens"
    )


class Entra(Options):
    """An application of Microsoft Entra, traded for access tokens (client credentials)."""

    tenant_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$")] = Field(description="tenant of the application")
    client_id: str = Field(description="ID of the application")
    client_secret: Secret = Field(description="secret of the application")
    scope: str = Field(default="https://ai.azure.com/.default", description="OAuth scope")
    authority: HttpUrl = Field(default="https://login.microsoftonline.com", description="URL of Microsoft Entra")

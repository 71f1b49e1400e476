"""What a finish reason means: a closed list. One that is not on it is a success, and counted.

One list for all dialects, because gateways pass on the words of whom they ask: OpenRouter and LiteLLM send Gemini's
and Anthropic's in OpenAI's field. Words are compared in lower case, with `_` for `-` and blanks.

Sources, read 2026-11: the API references of OpenAI, Anthropic, Gemini and Vertex AI (FinishReason, BlockedReason),
Bedrock Converse (StopReason), Cohere v2, Mistral, DeepSeek, Zhipu (z.ai) and Ollama; vLLM and SGLang (`abort`,
https://github.com/vllm-project/vllm/issues/57082).
"""

from __future__ import annotations

from typing import Literal

Outcome = Literal["ok", "cut_short", "content_filtered", "stream_error", "overloaded"]

_WORDS: dict[Outcome, str] = {
    "ok": "stop end_turn eos eos_token end_of_text stop_sequence complete completed done finished tool_calls "
    "tool_call tool_use function_call pause_turn compaction load unload",
    "cut_short": "length max_tokens max_output_tokens model_length model_context_window_exceeded token_limit "
    "max_length error_limit context_length",
    "content_filtered": "content_filter content_filtered refusal guardrail_intervened error_toxic sensitive safety "
    "recitation blocklist prohibited_content spii model_armor jailbreak language image_safety image_recitation "
    "image_prohibited_content image_other moderation blocked content_blocked",
    "stream_error": "error failed failure abort aborted cancel cancelled canceled user_cancel timeout network_error "
    "server_error internal_error incomplete_response other malformed_function_call unexpected_tool_call "
    "too_many_tool_calls missing_thought_signature malformed_model_output malformed_tool_use malformed_response "
    "no_image error_other",
    "overloaded": "insufficient_system_resource overloaded server_overloaded busy capacity resource_exhausted",
}
OUTCOMES: dict[str, Outcome] = {word: outcome for outcome, words in _WORDS.items() for word in words.split()}


def outcome(reason: str) -> Outcome | None:
    """None for a word that is not on the list."""
    return OUTCOMES.get(reason.lower().replace("-", "_").replace(" ", "_"))

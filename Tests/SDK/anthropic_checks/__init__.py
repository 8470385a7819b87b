"""What clients of Anthropic's Messages API rely on."""

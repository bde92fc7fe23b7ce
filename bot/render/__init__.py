"""Jobs, clips, errors and lists to cards, in the member's language. The only place that writes words for members."""

"""Numbers as learners type them: read exactly, refused with a sentence, judged by one rule."""

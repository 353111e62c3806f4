"""The site's heart and its faces: lessons, exercises, answers, and the verdicts that come back."""

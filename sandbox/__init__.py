"""Where code runs: slots whose verdicts cannot be forged. Knows no problem and sees no expected output."""

"""Publishers and players that we did not write, each started so that a test can judge it by what it counted."""

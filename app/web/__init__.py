"""The pages: the dispatcher's board and the caregiver's phone page."""

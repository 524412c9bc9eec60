"""People weigh in: reports, reviews, appeals, orders, and taking back."""

"""Skills for an agent among others: whom to ask and how, what is kept for it, who asks and what that costs."""

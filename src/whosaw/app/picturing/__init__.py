"""The numbers of pictures, counted from the views that findings and questions count, and the lines behind each."""
